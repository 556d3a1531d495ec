using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Config.Binding;

/// <summary>Durations ("1.5s") and points in time (RFC 3339) as text.</summary>
internal static class TimeText
{
    // Envoy's own bound: seconds and nanoseconds must fit in 64 bits of nanoseconds.
    private const long MaxSeconds = 9223372035;

    /// <summary>A duration as the protobuf JSON mapping writes it; null when the text is none.</summary>
    internal static Duration? ParseDuration(string text)
    {
        if (text.Length < 2 || text[^1] != 's') return null;
        return TrySeconds(text.AsSpan(0, text.Length - 1), out var seconds) ? FromSeconds(seconds) : null;
    }

    /// <summary>What is wrong with the value of a duration; Envoy has no use for negative ones.</summary>
    internal static string? Fault(Duration duration)
    {
        if (duration.Seconds < 0 || duration.Nanos < 0) return "a duration must not be negative";
        return duration.Seconds > MaxSeconds || duration.Nanos > 999_999_999 ? $"a duration must not be longer than {MaxSeconds}s" : null;
    }

    /// <summary>The right way to write what was probably meant: 15 is "15s", 250ms is "0.250s", 5m is "300s".</summary>
    internal static string? SuggestDuration(string text)
    {
        foreach (var (unit, factor) in Units)
        {
            if (!text.EndsWith(unit, StringComparison.Ordinal) || !TrySeconds(text.AsSpan(0, text.Length - unit.Length).TrimEnd(), out var number)) continue;
            return (number * factor).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
        }

        return null;
    }

    private static readonly (string Unit, decimal Factor)[] Units =
        [("ms", 0.001m), ("us", 0.000001m), ("ns", 0.000000001m), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400), ("", 1)];

    /// <summary>A point in time; null when the text is none.</summary>
    internal static Timestamp? ParseTimestamp(string text)
    {
        if (!text.Contains('T', StringComparison.Ordinal)) return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Timestamp.FromDateTimeOffset(time)
            : null;
    }

    private static bool TrySeconds(ReadOnlySpan<char> text, out decimal seconds)
        => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds)
            && Math.Abs(seconds) < 315_576_000_001m;

    private static Duration FromSeconds(decimal seconds)
    {
        var whole = decimal.Truncate(seconds);
        return new Duration { Seconds = (long)whole, Nanos = (int)((seconds - whole) * 1_000_000_000m) };
    }
}
