using System.Globalization;
using Weft.Base.Buffers;

namespace Weft.Base.Logging;

/// <summary>One piece of a <see cref="LogPattern"/>: literal text (flag 0) or a flag with an optional width.</summary>
internal readonly struct LogPatternPart(char flag, string literal, char align, int width)
{
    private const string Known = "vjntlLPaAbBcCYDxmdHIMSefFpErRTXz@sg#!+_*^$uio";

    public char Flag => flag;

    public static bool IsKnown(char flag) => Known.Contains(flag, StringComparison.Ordinal);

    public void Format(in LogRecord record, ByteWriter output, bool escape)
    {
        if (flag == '\0')
            output.Write(literal);
        else if (flag is 'v' or '+' or '_' or 'j')
            WriteMessage(record.Message, output, escape);
        else
            WritePadded(Text(record), output);
    }

    private void WriteMessage(string message, ByteWriter output, bool escape)
    {
        if (flag == 'j')
            LogEscapes.WriteJson(message, output);
        else if (flag == '_' && !escape)
            output.Write(message.Replace("\n", "\\n", StringComparison.Ordinal));
        else if (escape)
            LogEscapes.WriteC(message, output);
        else
            WritePadded(message, output);
    }

    private void WritePadded(string text, ByteWriter output)
    {
        var missing = Math.Max(0, width - text.Length);
        var before = align switch { '-' => 0, '=' => missing / 2, _ => missing };
        Spaces(before, output);
        output.Write(text);
        Spaces(missing - before, output);
    }

    private static void Spaces(int count, ByteWriter output)
    {
        for (; count > 0; count--)
            output.Write((byte)' ');
    }

    private string Text(in LogRecord record) => flag switch
    {
        'l' => LogLevels.Name(record.Level),
        'L' => LogLevels.Letter(record.Level).ToString(),
        'n' => record.Component,
        't' => Number(record.ThreadId, 1),
        'P' => Number(Environment.ProcessId, 1),
        'g' or 's' => record.File,
        '#' => Number(record.Line, 1),
        '@' => $"{record.File}:{record.Line}",
        // Source function, log tags, elapsed times: nothing to print.
        '!' or '*' or '^' or '$' or 'u' or 'i' or 'o' => "",
        _ => TimeText(record.Time),
    };

    private string TimeText(DateTimeOffset time) => flag switch
    {
        'Y' => Number(time.Year, 4),
        'C' => Number(time.Year % 100, 2),
        'm' => Number(time.Month, 2),
        'd' => Number(time.Day, 2),
        'H' => Number(time.Hour, 2),
        'I' => Number(Hour12(time), 2),
        'M' => Number(time.Minute, 2),
        'S' => Number(time.Second, 2),
        'e' => Number(time.Millisecond, 3),
        'f' => Number((int)(time.Ticks % TimeSpan.TicksPerSecond / 10), 6),
        'F' => Number((int)(time.Ticks % TimeSpan.TicksPerSecond * 100), 9),
        'p' => time.Hour < 12 ? "AM" : "PM",
        'E' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        _ => Composed(time),
    };

    private string Composed(DateTimeOffset time) => time.ToString(
        flag switch
        {
            'a' => "ddd",
            'A' => "dddd",
            'b' => "MMM",
            'B' => "MMMM",
            'c' => "ddd MMM d HH:mm:ss yyyy",
            'D' or 'x' => "MM/dd/yy",
            'r' => "hh:mm:ss tt",
            'R' => "HH:mm",
            'z' => "zzz",
            _ => "HH:mm:ss",
        },
        CultureInfo.InvariantCulture);

    private static int Hour12(DateTimeOffset time) => time.Hour % 12 == 0 ? 12 : time.Hour % 12;

    private static string Number(int value, int digits) => value.ToString("D" + digits, CultureInfo.InvariantCulture);
}
