using System.Globalization;

namespace Weft.Observe.Statsd;

/// <summary>What a line changes.</summary>
internal enum StatsdKind : byte { Counter, Gauge, Timer, Histogram }

/// <summary>One value of a line.</summary>
/// <param name="IsRelative">A gauge goes up or down by it.</param>
/// <param name="Times">How many values it stands for: 1 over the sample rate.</param>
internal readonly record struct StatsdValue(StatsdKind Kind, double Value, bool IsRelative, double Times);

/// <summary>
/// A line of statsd: <c>name:value|kind</c>, with <c>|@rate</c>, and tags as DogStatsD (<c>|#a:b</c>), Graphite (<c>name;a=b</c>), Librato (<c>name#a=b</c>) and
/// InfluxDB (<c>name,a=b</c>) write them.
/// </summary>
internal sealed class StatsdLine
{
    private readonly List<StatsdValue> _values = [];
    private readonly SortedDictionary<string, string> _tags = new(StringComparer.Ordinal);

    private StatsdLine(string name) => Name = name;

    public string Name { get; }

    public IReadOnlyDictionary<string, string> Tags => _tags;

    public IReadOnlyList<StatsdValue> Values => _values;

    /// <summary>Reads a line; null when it is none.</summary>
    public static StatsdLine? Parse(string text)
    {
        // Behind the tags, whose values may hold colons of their own.
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0)
            return null;
        var (name, tags) = SplitName(text[..colon]);
        if (name.Length == 0)
            return null;
        var line = new StatsdLine(name);
        return line.ReadTags(tags, '=') && line.ReadValues(text[(colon + 1)..]) ? line : null;
    }

    private static (string Name, string Tags) SplitName(string text)
    {
        var end = text.AsSpan().IndexOfAny(";#,");
        return end < 0 ? (text, "") : (text[..end], text[(end + 1)..].Replace(';', ','));
    }

    private bool ReadValues(string text)
    {
        var parts = text.Split('|');
        if (parts.Length < 2 || KindOf(parts[1]) is not { } kind)
            return false;
        var times = 1.0;
        foreach (var part in parts.AsSpan(2))
        {
            if (part.StartsWith('@'))
            {
                if (!TryNumber(part[1..], out var rate) || rate is not (> 0 and <= 1))
                    return false;
                times = 1 / rate;
            }
            else if (part.StartsWith('#') && !ReadTags(part[1..], ':'))
            {
                return false;
            }
        }

        foreach (var value in parts[0].Split(':'))
        {
            if (!TryNumber(value, out var number))
                return false;
            var isRelative = kind == StatsdKind.Gauge && value[0] is '+' or '-';
            _values.Add(new StatsdValue(kind, number, isRelative, kind == StatsdKind.Gauge ? 1 : times));
        }

        return true;
    }

    private bool ReadTags(string text, char separator)
    {
        if (text.Length == 0)
            return true;
        foreach (var tag in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = tag.IndexOf(separator, StringComparison.Ordinal);
            if (at <= 0)
                return false;
            _tags[MetricNames.Label(tag[..at])] = tag[(at + 1)..];
        }

        return true;
    }

    private static StatsdKind? KindOf(string text) => text switch
    {
        "c" => StatsdKind.Counter,
        "g" => StatsdKind.Gauge,
        "ms" => StatsdKind.Timer,
        "h" or "d" => StatsdKind.Histogram,
        _ => null,
    };

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
