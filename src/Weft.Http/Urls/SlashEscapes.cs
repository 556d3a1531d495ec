namespace Weft.Http.Urls;

/// <summary>Slashes and backslashes that are percent-encoded.</summary>
public static class SlashEscapes
{
    public static bool Contains(ReadOnlySpan<byte> path)
    {
        for (var at = path.IndexOf((byte)'%'); at >= 0; at = Next(path, at))
            if (Slash(path[at..]) != 0) return true;
        return false;
    }

    /// <summary>Replaces them by what they mean. <paramref name="output"/> has the length of <paramref name="path"/> and may be the same memory; returns the bytes written.</summary>
    public static int Decode(ReadOnlySpan<byte> path, Span<byte> output)
    {
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var slash = Slash(path[i..]);
            output[length++] = slash == 0 ? path[i] : slash;
            if (slash != 0) i += 2;
        }

        return length;
    }

    private static int Next(ReadOnlySpan<byte> path, int at)
    {
        var next = path[(at + 1)..].IndexOf((byte)'%');
        return next < 0 ? -1 : at + 1 + next;
    }

    /// <summary>The slash or backslash that the text begins with in encoded form; 0 when it does not.</summary>
    private static byte Slash(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'%', (byte)'2', (byte)'F' or (byte)'f', ..] => (byte)'/',
        [(byte)'%', (byte)'5', (byte)'C' or (byte)'c', ..] => (byte)'\\',
        _ => 0,
    };
}
