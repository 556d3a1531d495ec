using System.Globalization;
using System.Text;

namespace Weft.Proxy.Expressions.Syntax;

/// <summary>String and bytes literals: single, double and triple quotes, raw (r) and bytes (b), with their escapes.</summary>
internal static class CelStringLiteral
{
    /// <summary>Reads a literal, if one begins here.</summary>
    /// <exception cref="CelSyntaxException">It has no end, or an escape is wrong.</exception>
    public static bool TryRead(string text, ref int at, out bool isBytes, out string content, out byte[]? bytes)
    {
        var start = at;
        (isBytes, var isRaw) = (false, false);
        while (start < text.Length && !(isBytes && isRaw))
        {
            if (text[start] is 'b' or 'B' && !isBytes)
                isBytes = true;
            else if (text[start] is 'r' or 'R' && !isRaw)
                isRaw = true;
            else
                break;
            start++;
        }

        (content, bytes) = ("", null);
        if (start >= text.Length || text[start] is not ('"' or '\''))
            return false;
        var quote = QuoteAt(text, start);
        var inner = start + quote.Length;
        var end = FindEnd(text, inner, quote, isRaw);
        if (end < 0)
            throw new CelSyntaxException(at, "a string without an end");
        var body = text.AsSpan(inner, end - inner);
        var decoded = isRaw ? Encoding.UTF8.GetBytes(body.ToString()) : Unescape(body, isBytes, inner);
        if (isBytes)
            bytes = decoded;
        else
            content = Encoding.UTF8.GetString(decoded);
        at = end + quote.Length;
        return true;
    }

    private static string QuoteAt(string text, int start)
    {
        var three = new string(text[start], 3);
        return text.AsSpan(start).StartsWith(three) ? three : three[..1];
    }

    private static int FindEnd(string text, int at, string quote, bool isRaw)
    {
        for (; at < text.Length; at++)
        {
            if (text.AsSpan(at).StartsWith(quote))
                return at;
            if (text[at] == '\\' && !isRaw)
                at++;
            else if (quote.Length == 1 && text[at] is '\n' or '\r')
                return -1;
        }

        return -1;
    }

    private static byte[] Unescape(ReadOnlySpan<char> body, bool isBytes, int position)
    {
        var output = new MemoryStream();
        Span<byte> buffer = stackalloc byte[4];
        for (var i = 0; i < body.Length;)
        {
            if (body[i] != '\\')
            {
                Rune.DecodeFromUtf16(body[i..], out var rune, out var used);
                output.Write(buffer[..rune.EncodeToUtf8(buffer)]);
                i += used;
                continue;
            }

            var kind = i + 1 < body.Length ? body[i + 1] : '\0';
            var (start, length, style) = kind switch
            {
                'x' or 'X' => (i + 2, 2, NumberStyles.AllowHexSpecifier),
                'u' when !isBytes => (i + 2, 4, NumberStyles.AllowHexSpecifier),
                'U' when !isBytes => (i + 2, 8, NumberStyles.AllowHexSpecifier),
                >= '0' and <= '3' => (i + 1, 3, NumberStyles.None),
                _ => (i + 2, 0, NumberStyles.None),
            };
            var code = length == 0 ? Simple(kind) : Code(body, start, length, style);
            if (code < 0 || (!isBytes && !Rune.IsValid(code)))
                throw new CelSyntaxException(position + i, $"invalid escape sequence: \\{kind}");
            if (isBytes)
                output.WriteByte((byte)code);
            else
                output.Write(buffer[..new Rune(code).EncodeToUtf8(buffer)]);
            i = start + length;
        }

        return output.ToArray();
    }

    private static int Simple(char kind) => kind switch
    {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '\\' or '\'' or '"' or '`' or '?' => kind,
        _ => -1,
    };

    private static int Code(ReadOnlySpan<char> body, int start, int length, NumberStyles style)
    {
        if (start + length > body.Length)
            return -1;
        var digits = body.Slice(start, length);
        if (style == NumberStyles.AllowHexSpecifier)
            return int.TryParse(digits, style, CultureInfo.InvariantCulture, out var code) ? code : -1;
        return digits.ContainsAnyExceptInRange('0', '7') ? -1 : ((digits[0] - '0') * 64) + ((digits[1] - '0') * 8) + (digits[2] - '0');
    }
}
