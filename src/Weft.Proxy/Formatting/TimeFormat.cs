using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.Formatting;

/// <summary>
/// A strftime format with Envoy's additions, compiled: <c>%3f</c> (fractions of a second, <c>%*f</c> without trailing zeros),
/// <c>%s</c> (seconds since 1970), <c>%E3S</c> (seconds with a fraction), <c>%Ez</c> (offset with a colon). Immutable; allocates nothing.
/// </summary>
internal sealed class TimeFormat
{
    private const long NanosecondsPerTick = 100;

    private static int s_count;

    private readonly int _number = Interlocked.Increment(ref s_count);

    /// <summary>What stands before the fraction of a second, the fraction, and the rest.</summary>
    private readonly TimePart[] _before;
    private readonly TimePart? _fraction;
    private readonly TimePart[] _after;

    private TimeFormat(TimePart[] parts)
    {
        var fraction = Array.FindIndex(parts, part => part.IsFraction);
        _before = fraction < 0 ? parts : parts[..fraction];
        _fraction = fraction < 0 ? null : parts[fraction];
        _after = fraction < 0 ? [] : parts[(fraction + 1)..];
        IsCacheable = !Array.Exists(_after, part => part.IsFraction);
    }

    /// <summary>The text but for one fraction is the same for a whole second.</summary>
    private bool IsCacheable { get; }

    /// <summary>What access logs print when no format is given: 2016-12-15T16:07:37.000Z.</summary>
    public static TimeFormat DefaultUtc { get; } = Parse("%Y-%m-%dT%H:%M:%E3SZ", out _)!;

    /// <summary>The same in local time: 2016-12-15T17:07:37.000+0100.</summary>
    public static TimeFormat DefaultLocal { get; } = Parse("%Y-%m-%dT%H:%M:%E3S%z", out _)!;

    /// <summary>Compiles a format; null with the reason when it cannot be used.</summary>
    public static TimeFormat? Parse(string format, out string error)
    {
        var parts = new List<TimePart>();
        error = "";
        var start = 0;
        for (var i = 0; i < format.Length; i++)
        {
            // Envoy looks for its own specifiers first, wherever a percent sign stands.
            if (format[i] != '%' || !TryParseFraction(format.AsSpan(i + 1), out var length, out var part))
                continue;
            if (!TryParsePlain(format[start..i], parts, out error))
                return null;
            parts.AddRange(part);
            i += length;
            start = i + 1;
        }

        return TryParsePlain(format[start..], parts, out error) ? new TimeFormat([.. parts]) : null;
    }

    /// <summary>Writes a moment.</summary>
    /// <param name="output">Takes the text.</param>
    /// <param name="utc">The moment.</param>
    /// <param name="offset">How far the time zone to print in is ahead of UTC.</param>
    public void Write(ByteWriter output, DateTime utc, TimeSpan offset)
    {
        var text = IsCacheable ? Cached(utc, offset) : null;
        var time = text is null ? new BrokenDownTime(utc, offset) : default;
        if (text is null)
            Write(_before, output, time);
        else
            output.Write(text.Text.Written[..text.Split]);
        _fraction?.WriteFraction(output, utc.Ticks % TimeSpan.TicksPerSecond * NanosecondsPerTick);
        if (text is null)
            Write(_after, output, time);
        else
            output.Write(text.Text.Written[text.Split..]);
    }

    private TimeTextCache.Slot Cached(DateTime utc, TimeSpan offset)
    {
        var slot = TimeTextCache.OfThisThread[_number];
        var second = utc.Ticks / TimeSpan.TicksPerSecond;
        if (slot.IsOf(this, second, offset.Ticks))
            return slot;
        slot.Begin(this, second, offset.Ticks);
        var time = new BrokenDownTime(utc, offset);
        Write(_before, slot.Text, time);
        slot.Split = slot.Text.Length;
        Write(_after, slot.Text, time);
        return slot;
    }

    private static void Write(TimePart[] parts, ByteWriter output, in BrokenDownTime time)
    {
        foreach (var part in parts)
            part.Write(output, time);
    }

    /// <summary>f, 3f, *f, s, E3S, E*S, E3f, E*f behind a percent sign.</summary>
    private static bool TryParseFraction(ReadOnlySpan<char> text, out int length, out TimePart[] parts)
    {
        (length, parts) = (0, []);
        var isExtended = text.StartsWith('E');
        var rest = isExtended ? text[1..] : text;
        var hasWidth = rest.Length > 0 && rest[0] is >= '1' and <= '9' or '*';
        var width = !hasWidth ? TimePart.NanosecondDigits : rest[0] == '*' ? TimePart.AnyWidth : rest[0] - '0';
        if (isExtended && !hasWidth)
            return false;
        var letter = rest[(hasWidth ? 1 : 0)..];
        if (letter.IsEmpty)
            return false;
        length = text.Length - letter.Length + 1;
        switch (letter[0])
        {
            case 'f':
                parts = [TimePart.Fraction(width)];
                return true;
            case 'S' when isExtended:
                parts = [TimePart.Field('S'), TimePart.DotAndFraction(width)];
                return true;
            case 's' when !isExtended && !hasWidth:
                parts = [TimePart.Field('s')];
                return true;
            default:
                return false;
        }
    }

    /// <summary>Text and the specifiers of strftime.</summary>
    private static bool TryParsePlain(string format, List<TimePart> parts, out string error)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            var specifier = SpecifierAt(format, ref i);
            if (specifier is "n" or "En" or "On")
            {
                error = "Invalid header configuration. Format string contains newline.";
                return false;
            }

            if (!TryAdd(specifier, text, parts))
            {
                error = $"unknown time specifier '%{specifier}'";
                return false;
            }
        }

        Flush(text, parts);
        error = "";
        return true;
    }

    /// <summary>One letter, or E or O with what follows.</summary>
    private static string SpecifierAt(string format, ref int i)
    {
        var start = ++i;
        if (format[start] is 'E' or 'O' && start + 1 < format.Length)
            i++;
        if (format[start] == 'E' && i + 1 < format.Length && format[i] is '*' or '4')
            i++;
        return format[start..(i + 1)];
    }

    private static bool TryAdd(string specifier, StringBuilder text, List<TimePart> parts)
    {
        var letters = specifier switch
        {
            "D" or "x" or "Ex" => "m/d/y",
            "F" => "Y-m-d",
            "T" or "X" or "EX" => "H:M:S",
            "R" => "H:M",
            "r" => "I:M:S p",
            "c" or "Ec" => "a b e H:M:S Y",
            "E4Y" or "EY" => "Y",
            "EC" => "C",
            "Ey" or "Oy" => "y",
            "Od" or "Oe" or "OH" or "OI" or "Om" or "OM" or "OS" or "Ou" or "OU" or "OV" or "Ow" or "OW" => specifier[1..],
            _ when specifier.Length == 1 && TimePart.IsField(specifier[0]) => specifier,
            _ => null,
        };
        switch (specifier)
        {
            case "%" or "t" or "ET":
                text.Append(specifier == "%" ? '%' : specifier == "t" ? '\t' : 'T');
                return true;
            case "Ez" or "E*z":
                Flush(text, parts);
                parts.Add(TimePart.Offset(withSeconds: specifier == "E*z"));
                return true;
        }

        if (letters is null)
            return false;
        foreach (var letter in letters)
        {
            if (!char.IsAsciiLetter(letter))
            {
                text.Append(letter);
                continue;
            }

            Flush(text, parts);
            parts.Add(TimePart.Field(letter));
        }

        return true;
    }

    private static void Flush(StringBuilder text, List<TimePart> parts)
    {
        if (text.Length > 0)
            parts.Add(TimePart.Text(text.ToString()));
        text.Clear();
    }
}
