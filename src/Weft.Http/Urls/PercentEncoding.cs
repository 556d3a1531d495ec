namespace Weft.Http.Urls;

/// <summary>Percent-encoding (RFC 3986 section 2.1).</summary>
public static class PercentEncoding
{
    /// <summary>Decodes every escape; what is none stays as it is. <paramref name="output"/> has at least the length of <paramref name="text"/> and may be the same memory; returns the bytes written.</summary>
    public static int Decode(ReadOnlySpan<byte> text, Span<byte> output)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (TryDecode(text[i..], out var value)) i += 2;
            output[length++] = value;
        }

        return length;
    }

    /// <summary>The value of the escape that the text begins with; false, with its first byte, when it begins with none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, out byte value)
    {
        value = text[0];
        if (value != '%' || text.Length < 3 || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2])) return false;
        value = (byte)((HexValue(text[1]) << 4) | HexValue(text[2]));
        return true;
    }

    /// <summary>Writes a byte as an escape, with upper-case digits.</summary>
    internal static void Encode(byte value, Span<byte> output, ref int length)
    {
        output[length++] = (byte)'%';
        output[length++] = "0123456789ABCDEF"u8[value >> 4];
        output[length++] = "0123456789ABCDEF"u8[value & 15];
    }

    private static int HexValue(byte digit) => (digit & 15) + (digit > '9' ? 9 : 0);
}
