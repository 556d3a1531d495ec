using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.Compression;

/// <summary>Comma-separated header values, token by token. No allocation.</summary>
internal static class HeaderTokens
{
    /// <summary>Cuts the first token off, without spaces around it; false when there is none left.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> list, out ReadOnlySpan<byte> token)
    {
        while (!list.IsEmpty)
        {
            var comma = list.IndexOf((byte)',');
            token = (comma < 0 ? list : list[..comma]).Trim(" \t"u8);
            list = comma < 0 ? default : list[(comma + 1)..];
            if (!token.IsEmpty) return true;
        }

        token = default;
        return false;
    }

    /// <summary>A token stands in the list, whatever its case.</summary>
    public static bool Contains(ReadOnlySpan<byte> list, ReadOnlySpan<byte> token)
    {
        while (TryTake(ref list, out var one))
        {
            if (Ascii.EqualsIgnoreCase(one, token)) return true;
        }

        return false;
    }

    /// <summary>The part of a token before its parameters.</summary>
    public static ReadOnlySpan<byte> WithoutParameters(ReadOnlySpan<byte> token)
    {
        var semicolon = token.IndexOf((byte)';');
        return (semicolon < 0 ? token : token[..semicolon]).Trim(" \t"u8);
    }

    /// <summary>Writes an accept-encoding that prefers a coding to all that were there.</summary>
    public static void WritePreferring(ReadOnlySpan<byte> list, ReadOnlySpan<byte> coding, ByteWriter output)
    {
        output.Clear();
        while (TryTake(ref list, out var token))
        {
            if (WithoutParameters(token).SequenceEqual(coding)) continue;
            output.Write(token);
            output.Write((byte)',');
        }

        output.Write(coding);
    }
}
