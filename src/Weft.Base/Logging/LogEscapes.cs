using System.Globalization;
using System.Text;
using Weft.Base.Buffers;

namespace Weft.Base.Logging;

/// <summary>Messages made safe to stand on one line, or inside a JSON string.</summary>
internal static class LogEscapes
{
    /// <summary>C escapes for control characters, quotes and backslashes.</summary>
    public static void WriteC(string message, ByteWriter output)
    {
        foreach (var rune in message.EnumerateRunes())
        {
            if (WriteCommon(rune.Value, output))
                continue;
            if (rune.Value == '\'')
                output.Write("\\'"u8);
            else if (rune.Value < ' ' || rune.Value == 0x7f)
                output.Write("\\" + Convert.ToString(rune.Value, 8).PadLeft(3, '0'));
            else
                WriteRune(rune, output);
        }
    }

    /// <summary>The inside of a JSON string.</summary>
    public static void WriteJson(string message, ByteWriter output)
    {
        foreach (var rune in message.EnumerateRunes())
        {
            if (WriteCommon(rune.Value, output))
                continue;
            if (rune.Value < ' ')
                output.Write("\\u" + rune.Value.ToString("x4", CultureInfo.InvariantCulture));
            else
                WriteRune(rune, output);
        }
    }

    private static bool WriteCommon(int value, ByteWriter output)
    {
        var letter = value switch { '\n' => 'n', '\r' => 'r', '\t' => 't', '"' => '"', '\\' => '\\', _ => '\0' };
        if (letter == '\0')
            return false;
        output.Write((byte)'\\');
        output.Write((byte)letter);
        return true;
    }

    private static void WriteRune(Rune rune, ByteWriter output) => output.Advance(rune.EncodeToUtf8(output.GetSpan(4)));
}
