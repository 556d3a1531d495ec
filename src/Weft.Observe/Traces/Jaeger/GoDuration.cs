using System.Buffers;
using System.Globalization;

namespace Weft.Observe.Traces.Jaeger;

/// <summary>Durations as Go writes them: <c>1.5s</c>, <c>100ms</c>, <c>1m30s</c>.</summary>
internal static class GoDuration
{
    private static readonly SearchValues<char> s_digits = SearchValues.Create("0123456789.");

    /// <summary>Null for null.</summary>
    /// <exception cref="FormatException">It is none; the message is for the client.</exception>
    public static long? Microseconds(string? text)
    {
        if (text is null)
            return null;
        var micros = 0.0;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(s_digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], CultureInfo.InvariantCulture, out var number))
                throw new FormatException($"{text} is no duration");
            var unitEnd = rest[digits..].IndexOfAny(s_digits) is var next and >= 0 ? digits + next : rest.Length;
            micros += number * Unit(rest[digits..unitEnd]) ?? throw new FormatException($"{text} is no duration");
            rest = rest[unitEnd..];
        }

        return (long)micros;
    }

    /// <summary>In microseconds; null when there is none of that name.</summary>
    private static double? Unit(ReadOnlySpan<char> name) => name switch
    {
        "ns" => 0.001,
        "us" or "µs" => 1,
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        "h" => 3600e6,
        _ => null,
    };
}
