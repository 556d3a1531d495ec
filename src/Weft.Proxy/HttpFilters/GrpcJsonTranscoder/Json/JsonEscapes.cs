using System.Buffers.Text;
using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

/// <summary>What is written between the quotes of a JSON string, and what it means.</summary>
internal static class JsonEscapes
{
    /// <summary>Appends what a string means as UTF-8; false when an escape cannot be read.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> text, ByteWriter output)
    {
        while (true)
        {
            var escape = text.IndexOf((byte)'\\');
            if (escape < 0)
            {
                output.Write(text);
                return true;
            }

            output.Write(text[..escape]);
            text = text[escape..];
            if (text.Length < 2 || !TryDecodeOne(ref text, output)) return false;
        }
    }

    private static bool TryDecodeOne(ref ReadOnlySpan<byte> text, ByteWriter output)
    {
        var letter = text[1];
        if (letter == 'u') return TryDecodeUnicode(ref text, output);
        byte decoded = letter switch
        {
            (byte)'"' or (byte)'\\' or (byte)'/' => letter,
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            _ => 0,
        };
        if (decoded == 0) return false;
        output.Write(decoded);
        text = text[2..];
        return true;
    }

    /// <summary>A character, or two that are the halves of one beyond the first 65,536.</summary>
    private static bool TryDecodeUnicode(ref ReadOnlySpan<byte> text, ByteWriter output)
    {
        if (!TryReadUnit(ref text, out var unit)) return false;
        if (!char.IsSurrogate(unit)) return Write(new Rune(unit), output);
        return char.IsHighSurrogate(unit) && TryReadUnit(ref text, out var low) && Rune.TryCreate(unit, low, out var rune) && Write(rune, output);
    }

    private static bool TryReadUnit(ref ReadOnlySpan<byte> text, out char unit)
    {
        unit = default;
        if (text.Length < 6 || text[0] != '\\' || text[1] != 'u') return false;
        if (!Utf8Parser.TryParse(text.Slice(2, 4), out ushort value, out var read, 'x') || read != 4) return false;
        unit = (char)value;
        text = text[6..];
        return true;
    }

    private static bool Write(Rune rune, ByteWriter output)
    {
        output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
        return true;
    }
}
