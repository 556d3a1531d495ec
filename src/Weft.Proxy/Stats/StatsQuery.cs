using System.Text.RegularExpressions;
using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>How statistics are printed; as <see cref="Html"/> the text on a page, as <see cref="ActiveHtml"/> a page that asks for JSON itself.</summary>
public enum StatsFormat : byte { Text, Json, Prometheus, Html, ActiveHtml }

/// <summary>How histograms are printed: quantiles, counts up to each bound, counts between bounds, or every bin.</summary>
public enum HistogramBucketsMode : byte { Unset, Summary, Cumulative, Disjoint, Detailed }

/// <summary>What of the statistics to print, and how: the parameters of <c>/stats</c>. Immutable.</summary>
public sealed class StatsQuery
{
    private const int MaxNameOnStack = 512;

    public StatsFormat Format { get; init; }

    /// <summary><c>usedonly</c>: only what was written since the start.</summary>
    public bool UsedOnly { get; init; }

    /// <summary><c>filter</c>: an expression that must match somewhere in the name; null: all.</summary>
    public Regex? Filter { get; init; }

    /// <summary><c>type</c>: one kind only; null: all.</summary>
    public StatKind? Kind { get; init; }

    /// <summary><c>histogram_buckets</c>.</summary>
    public HistogramBucketsMode Buckets { get; init; }

    /// <summary><c>text_readouts</c>: Prometheus prints texts too, as gauges of value 0 with the text as a label.</summary>
    public bool TextReadouts { get; init; }

    /// <summary><c>hidden=only</c>: those that are hidden, of which there are none.</summary>
    public bool HiddenOnly { get; init; }

    /// <summary>Tags and buckets; the process's stats_config.</summary>
    public StatsConfig Config { get; init; } = StatsConfig.Default;

    /// <summary>Reads the parameters of <c>/stats</c>.</summary>
    /// <param name="find">The first value of a parameter, decoded; "" when it has none, null when it is absent.</param>
    /// <param name="config">The process's stats_config.</param>
    /// <param name="query">The query, when there is no fault.</param>
    /// <param name="error">Envoy's text for an answer of status 400.</param>
    public static bool TryParse(Func<string, string?> find, StatsConfig config, out StatsQuery query, out string error)
    {
        query = new StatsQuery { Config = config };
        error = "";
        if (!TryParseFilter(find("filter"), out var filter))
            error = "Invalid re2 regex";
        else if (!TryParseBuckets(find("histogram_buckets"), out var buckets))
            error = "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary)\n";
        else if (!TryParseKind(find("type"), out var kind))
            error = "invalid &type= param";
        else if (find("hidden") is not (null or "" or "include" or "only" or "exclude"))
            error = "usage: /stats?hidden=(include|only|exclude)\n\n";
        else if (!TryParseFormat(find("format"), out var format))
            error = "usage: /stats?format=(html|active-html|json|prometheus|text)\n\n";
        else if (format == StatsFormat.Prometheus && buckets is HistogramBucketsMode.Detailed or HistogramBucketsMode.Disjoint)
            error = "unsupported prometheus histogram bucket mode";
        else
            query = new StatsQuery
            {
                Format = format,
                UsedOnly = find("usedonly") is not null,
                Filter = filter,
                Kind = kind,
                Buckets = buckets,
                TextReadouts = find("text_readouts") is not null,
                HiddenOnly = find("hidden") == "only",
                Config = config,
            };
        return error.Length == 0;
    }

    /// <summary>The statistic is to be printed.</summary>
    internal bool Shows(in Statistic statistic) =>
        !HiddenOnly && (!UsedOnly || statistic.IsUsed) && (Filter is null || Matches(Filter, statistic));

    /// <summary>No string is made for a name of ordinary length: there may be millions of them.</summary>
    private static bool Matches(Regex filter, in Statistic statistic)
    {
        var length = statistic.Prefix.Length + statistic.Suffix.Length;
        if (length > MaxNameOnStack)
            return filter.IsMatch(statistic.Name);
        Span<char> name = stackalloc char[MaxNameOnStack];
        statistic.Prefix.CopyTo(name);
        statistic.Suffix.CopyTo(name[statistic.Prefix.Length..]);
        return filter.IsMatch(name[..length]);
    }

    private static bool TryParseFilter(string? text, out Regex? filter)
    {
        filter = null;
        if (string.IsNullOrEmpty(text))
            return true;
        if (Routing.Matching.RegexMatcher.Compile(text, wholeValue: false, out _) is not { } pattern)
            return false;
        filter = new Regex(pattern, Routing.Matching.PerThreadRegex.Options);
        return true;
    }

    private static bool TryParseBuckets(string? text, out HistogramBucketsMode mode)
    {
        (var isKnown, mode) = text switch
        {
            null or "" => (true, HistogramBucketsMode.Unset),
            "cumulative" => (true, HistogramBucketsMode.Cumulative),
            "disjoint" => (true, HistogramBucketsMode.Disjoint),
            "detailed" => (true, HistogramBucketsMode.Detailed),
            "summary" or "none" => (true, HistogramBucketsMode.Summary),
            _ => (false, HistogramBucketsMode.Unset),
        };
        return isKnown;
    }

    private static bool TryParseKind(string? text, out StatKind? kind)
    {
        (var isKnown, kind) = text switch
        {
            null or "" or "All" => (true, (StatKind?)null),
            "Counters" => (true, StatKind.Counter),
            "Gauges" => (true, StatKind.Gauge),
            "Histograms" => (true, StatKind.Histogram),
            "TextReadouts" => (true, StatKind.Text),
            _ => (false, null),
        };
        return isKnown;
    }

    private static bool TryParseFormat(string? text, out StatsFormat format)
    {
        (var isKnown, format) = text switch
        {
            null or "" or "text" => (true, StatsFormat.Text),
            "json" => (true, StatsFormat.Json),
            "prometheus" => (true, StatsFormat.Prometheus),
            "html" => (true, StatsFormat.Html),
            "active-html" => (true, StatsFormat.ActiveHtml),
            _ => (false, StatsFormat.Text),
        };
        return isKnown;
    }
}
