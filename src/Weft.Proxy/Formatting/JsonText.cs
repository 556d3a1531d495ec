using System.Buffers;
using System.Text.Unicode;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>
/// Writes strings as JSON. UTF-8 passes through; where bytes are no UTF-8 each of them that is not plain ASCII is written as
/// <c>\u00XX</c>, so that nothing is lost and the line is still JSON (Envoy's rule).
/// </summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create(SpecialBytes());

    /// <summary>Writes a string in quotes.</summary>
    public static void WriteString(ByteWriter output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'"');
        WriteEscaped(output, text);
        output.Write((byte)'"');
    }

    /// <summary>The text holds bytes that cannot stand in a JSON string as they are, or may not be UTF-8.</summary>
    public static bool NeedsEscape(ReadOnlySpan<byte> text) => text.ContainsAny(Special);

    /// <summary>Writes the inside of a string.</summary>
    public static void WriteEscaped(ByteWriter output, ReadOnlySpan<byte> text)
    {
        if (!NeedsEscape(text))
            output.Write(text);
        else if (Utf8.IsValid(text))
            WriteUtf8(output, text);
        else
            WriteBytes(output, text);
    }

    private static void WriteUtf8(ByteWriter output, ReadOnlySpan<byte> text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] >= ' ' && text[i] is not ((byte)'"' or (byte)'\\'))
                continue;
            output.Write(text[start..i]);
            start = i + 1;
            if (ShortEscape(text[i]) is not 0 and var letter)
                output.Write([(byte)'\\', letter]);
            else
                WriteHex(output, text[i]);
        }

        output.Write(text[start..]);
    }

    private static void WriteBytes(ByteWriter output, ReadOnlySpan<byte> text)
    {
        foreach (var value in text)
        {
            if (Special.Contains(value))
                WriteHex(output, value);
            else
                output.Write(value);
        }
    }

    private static byte ShortEscape(byte value) => value switch
    {
        (byte)'"' => (byte)'"',
        (byte)'\\' => (byte)'\\',
        (byte)'\b' => (byte)'b',
        (byte)'\f' => (byte)'f',
        (byte)'\n' => (byte)'n',
        (byte)'\r' => (byte)'r',
        (byte)'\t' => (byte)'t',
        _ => 0,
    };

    private static void WriteHex(ByteWriter output, byte value)
    {
        var digits = "0123456789abcdef"u8;
        output.Write("\\u00"u8);
        output.Write(digits[value >> 4]);
        output.Write(digits[value & 15]);
    }

    /// <summary>All but printable ASCII, and quote and backslash.</summary>
    private static byte[] SpecialBytes() =>
        [.. Enumerable.Range(0, 256).Where(value => value is < ' ' or '"' or '\\' or >= 127).Select(value => (byte)value)];
}
