using System.Buffers;

namespace Weft.Http.Urls;

/// <summary>
/// normalize_path: dot segments are removed (RFC 3986 section 5.2.4, with <c>%2E</c> as a dot and a backslash as a slash),
/// unreserved characters are decoded and characters that may not stand in a path are encoded, as browsers do and Envoy
/// does with them. Other escapes stay as they are, a percent sign that begins none too. <c>%00</c> is refused.
/// </summary>
public static class DotSegments
{
    private static readonly SearchValues<byte> Changeable = SearchValues.Create([.. ChangeableBytes()]);

    /// <summary>Bytes that <see cref="TryRemove"/> may write for a path of <paramref name="length"/>: all encoded, and a slash in front.</summary>
    public static int MaxLength(int length) => checked(3 * length + 1);

    /// <summary><see cref="TryRemove"/> would surely change nothing. One pass over vectors, for the usual path.</summary>
    public static bool AreRemoved(ReadOnlySpan<byte> path)
        => path.Length > 0 && path[0] == '/' && path.IndexOfAny(Changeable) < 0 && path.IndexOf("/."u8) < 0;

    /// <summary>False when the path has a NUL, encoded or not; what was written is to be ignored then.</summary>
    public static bool TryRemove(ReadOnlySpan<byte> path, Span<byte> output, out int length)
    {
        length = 0;
        if (path.IsEmpty || path[0] is not ((byte)'/' or (byte)'\\')) output[length++] = (byte)'/';
        for (var i = 0; i < path.Length;)
        {
            var dot = DotLength(path[i..]);
            if (dot > 0 && length > 0 && output[length - 1] == '/')
            {
                i = TakeDots(path, i, dot, output, ref length);
                continue;
            }

            if (dot > 0)
            {
                output[length++] = (byte)'.';
                i += dot;
                continue;
            }

            var taken = TakeCharacter(path[i..], output, ref length);
            if (taken == 0) return false;
            i += taken;
        }

        return true;
    }

    /// <summary>Dots behind a slash: a segment <c>.</c> or <c>..</c> goes away, other names that begin so stay. Returns where to go on.</summary>
    private static int TakeDots(ReadOnlySpan<byte> path, int start, int dot, Span<byte> output, ref int length)
    {
        var end = start + dot;
        if (EndsSegment(path, end)) return Math.Min(end + 1, path.Length);
        var second = DotLength(path[end..]);
        if (second > 0 && EndsSegment(path, end + second))
        {
            length = output[..(length - 1)].LastIndexOf((byte)'/') + 1;
            if (length == 0) output[length++] = (byte)'/';
            return Math.Min(end + second + 1, path.Length);
        }

        output[length++] = (byte)'.';
        return end;
    }

    /// <summary>The bytes of a dot, plain or encoded, that the text begins with; 0 when it does not.</summary>
    private static int DotLength(ReadOnlySpan<byte> text) => text switch
    {
        [(byte)'.', ..] => 1,
        [(byte)'%', (byte)'2', (byte)'E' or (byte)'e', ..] => 3,
        _ => 0,
    };

    private static bool EndsSegment(ReadOnlySpan<byte> path, int at) => at >= path.Length || path[at] is (byte)'/' or (byte)'\\';

    /// <summary>Writes one character that is no dot; returns the bytes it had, 0 for a NUL.</summary>
    private static int TakeCharacter(ReadOnlySpan<byte> text, Span<byte> output, ref int length)
    {
        var c = text[0];
        if (c == '%') return TakeEscape(text, output, ref length);
        if (c == 0) return 0;
        if (c == '\\') output[length++] = (byte)'/';
        else if (IsEncoded(c)) PercentEncoding.Encode(c, output, ref length);
        else output[length++] = c;
        return 1;
    }

    private static int TakeEscape(ReadOnlySpan<byte> text, Span<byte> output, ref int length)
    {
        if (!PercentEncoding.TryDecode(text, out var value))
        {
            output[length++] = (byte)'%';
            return 1;
        }

        if (value == 0) return 0;
        if (IsUnreserved(value) && !CompletesEscape(output[..length], value))
        {
            output[length++] = value;
            return 3;
        }

        text[..3].CopyTo(output[length..]);
        length += 3;
        return 3;
    }

    /// <summary>A decoded digit must not make an escape out of a percent sign that was none: <c>%%32F</c> is not <c>%2F</c>.</summary>
    private static bool CompletesEscape(ReadOnlySpan<byte> written, byte value)
        => char.IsAsciiHexDigit((char)value) && (written is [.., (byte)'%'] || (written is [.., (byte)'%', var first] && char.IsAsciiHexDigit((char)first)));

    private static bool IsUnreserved(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'-' or (byte)'_' or (byte)'~';

    private static bool IsEncoded(byte c)
        => c is <= 0x20 or >= 0x7F or (byte)'"' or (byte)'#' or (byte)'<' or (byte)'>' or (byte)'?' or (byte)'^' or (byte)'`' or (byte)'{' or (byte)'|' or (byte)'}';

    private static IEnumerable<byte> ChangeableBytes()
    {
        for (var c = 0; c < 256; c++)
            if (IsEncoded((byte)c) || c is '%' or '\\') yield return (byte)c;
    }
}
