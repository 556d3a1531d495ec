using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Weft.Proxy.Expressions.Functions;

/// <summary>A function that takes a part of a time.</summary>
/// <param name="Name">Of the function.</param>
/// <param name="OfTime">The part of a moment.</param>
/// <param name="OfDuration">What it is of the seconds and nanoseconds of a duration; null: it is for moments only.</param>
internal sealed record CelTimePart(string Name, Func<DateTime, long> OfTime, Func<long, int, long>? OfDuration = null);

/// <summary>Durations and timestamps: from text, to text, and their parts.</summary>
internal static class CelTimes
{
    /// <summary>About 10,000 years: the largest duration.</summary>
    public const long MaxSeconds = 315_576_000_000;

    /// <summary>0001-01-01.</summary>
    public const long FirstSecond = -62_135_596_800;

    /// <summary>9999-12-31.</summary>
    public const long LastSecond = 253_402_300_799;

    private const int NanosPerSecond = 1_000_000_000;
    private const int NanosPerTick = 100;

    /// <summary>The functions that take a part of a time, in a time zone if one is given.</summary>
    public static readonly CelTimePart[] Parts =
    [
        new("getFullYear", static time => time.Year),
        new("getMonth", static time => time.Month - 1),
        new("getDate", static time => time.Day),
        new("getDayOfMonth", static time => time.Day - 1),
        new("getDayOfWeek", static time => (long)time.DayOfWeek),
        new("getDayOfYear", static time => time.DayOfYear - 1),
        new("getHours", static time => time.Hour, static (seconds, _) => seconds / 3600),
        new("getMinutes", static time => time.Minute, static (seconds, _) => seconds / 60),
        new("getSeconds", static time => time.Second, static (seconds, _) => seconds),
        new("getMilliseconds", static time => time.Millisecond, static (_, nanos) => nanos / 1_000_000),
    ];

    /// <summary>A part of a timestamp; of a duration the whole of it in that unit.</summary>
    public static CelValue PartOf(in CelValue value, ReadOnlySpan<byte> zone, CelTimePart part)
    {
        if (value.Kind == CelKind.Duration && zone.IsEmpty && part.OfDuration is { } ofDuration)
            return CelValue.Of(ofDuration(value.Seconds, value.Nanos));
        if (value.Kind != CelKind.Timestamp)
            return CelErrors.NoOverload;
        var time = ToDateTime(value);
        if (!zone.IsEmpty && !TryShift(ref time, Encoding.UTF8.GetString(zone)))
            return CelErrors.RangeOverflow;
        return CelValue.Of(part.OfTime(time));
    }

    /// <summary>duration("1h30m"), as Go writes it.</summary>
    public static CelValue ToDuration(in CelValue value)
    {
        if (value.Kind != CelKind.String)
            return value.Kind == CelKind.Duration ? value : CelErrors.NoOverload;
        var rest = value.Text;
        var isNegative = rest.Length > 0 && rest[0] == '-';
        if (rest.Length > 0 && rest[0] is (byte)'-' or (byte)'+')
            rest = rest[1..];
        if (rest.SequenceEqual("0"u8))
            return CelValue.Duration(0, 0);
        var total = rest.IsEmpty ? decimal.MinValue : 0m;
        while (!rest.IsEmpty && total >= 0)
            total = Utf8Parser.TryParse(rest, out decimal number, out var used) && number >= 0 && UnitOf(rest = rest[used..], out var length) is { } unit
                ? Sum(total, number, unit, ref rest, length)
                : decimal.MinValue;
        if (total < 0)
            return CelErrors.RangeOverflow;
        return CelArithmetic.Time(CelKind.Duration, (Int128)(isNegative ? -total : total));
    }

    /// <summary>timestamp("2020-01-02T03:04:05.678Z"), or of seconds since 1970.</summary>
    public static CelValue ToTimestamp(in CelValue value)
    {
        if (value.Kind == CelKind.Int)
            return value.AsInt is >= FirstSecond and <= LastSecond ? CelValue.Timestamp(value.AsInt, 0) : CelErrors.RangeOverflow;
        if (value.Kind != CelKind.String)
            return value.Kind == CelKind.Timestamp ? value : CelErrors.NoOverload;
        var text = Encoding.UTF8.GetString(value.Text);
        // RFC 3339; the fraction is read by hand, as ticks are too coarse for it.
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var end = point < 0 ? -1 : text.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9');
        var whole = point < 0 ? text : end <= 0 ? "" : text.Remove(point, end + 1);
        if (!DateTimeOffset.TryParseExact(whole, ["yyyy-MM-dd'T'HH:mm:ssZ", "yyyy-MM-dd'T'HH:mm:sszzz"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return CelErrors.RangeOverflow;
        var nanos = point < 0 ? 0 : int.Parse(text.AsSpan(point + 1, Math.Min(end, 9)).ToString().PadRight(9, '0'), CultureInfo.InvariantCulture);
        return CelValue.Timestamp(time.ToUnixTimeSeconds(), nanos);
    }

    /// <summary>For example <c>1.5s</c>.</summary>
    public static int FormatSeconds(in CelValue duration, Span<byte> output)
    {
        var length = 0;
        if (duration.Seconds < 0 || duration.Nanos < 0)
            output[length++] = (byte)'-';
        Utf8Formatter.TryFormat(Math.Abs(duration.Seconds), output[length..], out var used);
        length += used;
        length += FormatFraction(Math.Abs(duration.Nanos), output[length..]);
        output[length++] = (byte)'s';
        return length;
    }

    /// <summary>For example <c>2020-01-02T03:04:05.678Z</c>.</summary>
    /// <param name="timestamp">A timestamp.</param>
    /// <param name="output">64 bytes suffice.</param>
    /// <param name="zone">How UTC is spelled.</param>
    public static int FormatTimestamp(in CelValue timestamp, Span<byte> output, ReadOnlySpan<byte> zone)
    {
        ToDateTime(timestamp).TryFormat(output, out var length, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        length += FormatFraction(timestamp.Nanos, output[length..]);
        zone.CopyTo(output[length..]);
        return length + zone.Length;
    }

    private static DateTime ToDateTime(in CelValue timestamp) =>
        DateTime.UnixEpoch.AddTicks((timestamp.Seconds * TimeSpan.TicksPerSecond) + (timestamp.Nanos / NanosPerTick));

    private static int FormatFraction(int nanos, Span<byte> output)
    {
        if (nanos == 0)
            return 0;
        output[0] = (byte)'.';
        Utf8Formatter.TryFormat(nanos, output[1..], out _, new System.Buffers.StandardFormat('D', 9));
        return output[..10].TrimEnd((byte)'0').Length;
    }

    private static decimal Sum(decimal total, decimal number, decimal unit, ref ReadOnlySpan<byte> rest, int unitLength)
    {
        rest = rest[unitLength..];
        return number > MaxSeconds ? decimal.MinValue : total + (number * unit);
    }

    private static decimal? UnitOf(ReadOnlySpan<byte> text, out int length)
    {
        (length, decimal? nanos) = text switch
        {
            [(byte)'n', (byte)'s', ..] => (2, 1m),
            [(byte)'u', (byte)'s', ..] => (2, 1_000m),
            [0xC2, 0xB5, (byte)'s', ..] => (3, 1_000m),
            [(byte)'m', (byte)'s', ..] => (2, 1_000_000m),
            [(byte)'s', ..] => (1, 1_000_000_000m),
            [(byte)'m', ..] => (1, 60_000_000_000m),
            [(byte)'h', ..] => (1, 3_600_000_000_000m),
            _ => (0, (decimal?)null),
        };
        return nanos;
    }

    /// <summary>A zone by its name, or by hours and minutes (<c>-08:00</c>).</summary>
    private static bool TryShift(ref DateTime time, string zone)
    {
        var sign = zone[0] == '-' ? -1 : 1;
        if (TimeSpan.TryParseExact(zone.TrimStart('+', '-'), @"hh\:mm", CultureInfo.InvariantCulture, out var offset))
        {
            var ticks = time.Ticks + (sign * offset.Ticks);
            if (ticks < 0 || ticks > DateTime.MaxValue.Ticks)
                return false;
            time = new DateTime(ticks);
            return true;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
            return false;
        time = TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(time, DateTimeKind.Utc), found);
        return true;
    }
}
