using Weft.Base.Buffers;

namespace Weft.Base.Logging;

/// <summary>
/// A compiled layout of log lines in spdlog's pattern language (<c>--log-format</c>): <c>%v</c> message, <c>%l</c> level, <c>%n</c> component,
/// <c>%t</c> thread, dates and times, <c>%-8l</c> or <c>%8l</c> for a width, <c>%^</c> and <c>%$</c> around what is coloured. Immutable.
/// </summary>
public sealed class LogPattern
{
    /// <summary>Envoy's default.</summary>
    public const string Default = "[%Y-%m-%d %T.%e][%t][%l][%n] [%g:%#] %v";

    private readonly LogPatternPart[] _parts;
    private readonly bool _hasColourMarks;

    private LogPattern(string text, LogPatternPart[] parts)
    {
        Text = text;
        _parts = parts;
        _hasColourMarks = Array.Exists(parts, part => part.Flag == '^');
    }

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>Compiles a pattern. Never fails: a flag that does not exist is printed as it stands.</summary>
    public static LogPattern Parse(string text)
    {
        var parts = new List<LogPatternPart>();
        var literal = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 1 >= text.Length)
            {
                literal.Append(text[i]);
                continue;
            }
            var start = i++;
            var (align, width) = ReadPadding(text, ref i);
            if (i < text.Length && text[i] == '%')
                literal.Append('%');
            else if (i >= text.Length || !LogPatternPart.IsKnown(text[i]))
                literal.Append(text, start, Math.Min(i + 1, text.Length) - start);
            else
            {
                FlushLiteral(parts, literal);
                parts.Add(new LogPatternPart(text[i], "", align, width));
            }
        }
        FlushLiteral(parts, literal);
        return new LogPattern(text, [.. parts]);
    }

    /// <summary>Appends one line, without a newline.</summary>
    /// <param name="colours">Colour what stands between %^ and %$, or the level when the pattern has no such marks.</param>
    /// <param name="escape">Write control characters of the message as escapes.</param>
    public void Format(in LogRecord record, ByteWriter output, bool colours, bool escape)
    {
        foreach (ref readonly var part in _parts.AsSpan())
        {
            var isLevel = part.Flag is 'l' or 'L';
            if (colours && (part.Flag == '^' || (isLevel && !_hasColourMarks)))
                output.Write(LogColours.Start(record.Level));
            part.Format(record, output, escape);
            if (colours && (part.Flag == '$' || (isLevel && !_hasColourMarks)))
                output.Write(LogColours.End);
        }
    }

    private static (char Align, int Width) ReadPadding(string text, ref int i)
    {
        var align = ' ';
        if (text[i] is '-' or '=')
            align = text[i++];
        var width = 0;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            width = Math.Min(64, (width * 10) + (text[i++] - '0'));
        return (align, width);
    }

    private static void FlushLiteral(List<LogPatternPart> parts, System.Text.StringBuilder literal)
    {
        if (literal.Length > 0)
            parts.Add(new LogPatternPart('\0', literal.ToString(), ' ', 0));
        literal.Clear();
    }
}
