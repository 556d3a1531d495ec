using System.Globalization;
using System.Text.RegularExpressions;
using Weft.Config;
using Weft.Config.Syntax;

namespace Weft.Observe.Statsd;

/// <summary>
/// Reads a mapping file in the format of Prometheus' statsd_exporter: <c>defaults</c> (observer_type, histogram_options, summary_options) and <c>mappings</c> (match,
/// match_type, match_metric_type, name, labels, action, help and the same options). Other fields are refused by name. All faults in one run.
/// </summary>
internal sealed class StatsdMappingReader(Findings findings)
{
    private static readonly string[] OptionFields = ["observer_type", "histogram_options", "summary_options", "match_type"];
    private static readonly string[] RuleFields = [.. OptionFields, "match", "match_metric_type", "name", "labels", "action", "help"];

    public StatsdMapping Read(string text, string file)
    {
        try
        {
            if (YamlReader.Read(text, file, out _) is not MappingNode root)
                return StatsdMapping.None;
            Expect(root, ["defaults", "mappings"]);
            var basis = root.Find("defaults") is MappingNode defaults ? Options(defaults, StatsdMapping.None.Default) : StatsdMapping.None.Default;
            var usesRegex = (root.Find("defaults") as MappingNode)?.Find("match_type") is ScalarNode { Text: "regex" };
            if (root.Find("defaults") is MappingNode written)
                Expect(written, OptionFields);
            var rules = root.Find("mappings") is SequenceNode list ? list.Items.Select(item => Rule(item, basis, usesRegex)).OfType<MappingRule>() : [];
            return new StatsdMapping([.. rules]) { Default = basis };
        }
        catch (SyntaxFault fault)
        {
            findings.Add(new Finding(Severity.Error, fault.Position, "", fault.Message));
            return StatsdMapping.None;
        }
    }

    private MappingRule? Rule(Node item, MappingRule basis, bool usesRegex)
    {
        if (item is not MappingNode node)
        {
            Report(item, "mappings", $"expected a mapping, found {item.Describe()}");
            return null;
        }

        Expect(node, RuleFields);
        var drops = Text(node, "action") == "drop";
        var (match, name) = (Text(node, "match"), Text(node, "name"));
        if (match is null || (name is null && !drops))
        {
            Report(node, "mappings", "match and name are required");
            return null;
        }

        var isRegex = Text(node, "match_type") is { } type ? type == "regex" : usesRegex;
        if (Compile(node, match, isRegex) is not { } pattern)
            return null;
        return Options(node, basis) with { Match = pattern, Kind = Kind(node), Name = name ?? "", Labels = Labels(node), Drops = drops, Help = Text(node, "help") ?? basis.Help };
    }

    /// <summary>Without backtracking: a pattern cannot make a line expensive.</summary>
    private Regex? Compile(Node node, string match, bool isRegex)
    {
        var pattern = isRegex ? match : "^" + Regex.Escape(match).Replace("\\*", "([^.]*)", StringComparison.Ordinal) + "$";
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            Report(node, "match", e.Message);
            return null;
        }
    }

    private MappingRule Options(MappingNode node, MappingRule basis) => basis with
    {
        Observer = Text(node, "observer_type") switch { "histogram" => ObserverType.Histogram, "summary" => ObserverType.Summary, null => basis.Observer, var other => Refused(node, other, basis.Observer) },
        Buckets = node.Find("histogram_options") is MappingNode histogram && histogram.Find("buckets") is SequenceNode buckets ? Numbers(buckets) : basis.Buckets,
        Quantiles = node.Find("summary_options") is MappingNode summary && summary.Find("quantiles") is SequenceNode quantiles ? Quantiles(quantiles) : basis.Quantiles,
    };

    private ObserverType Refused(Node node, string text, ObserverType basis)
    {
        Report(node, "observer_type", $"'{text}' is neither summary nor histogram");
        return basis;
    }

    private List<double> Numbers(SequenceNode list) => [.. list.Items.Select(item => Number(item, "buckets")).Where(double.IsFinite).Order()];

    private List<double> Quantiles(SequenceNode list) => [.. list.Items.Select(item => item is MappingNode entry && entry.Find("quantile") is { } value ? Number(value, "quantile") : Number(item, "quantiles")).Where(static share => share is >= 0 and <= 1)];

    private double Number(Node node, string field)
    {
        if (node is ScalarNode scalar && double.TryParse(scalar.Text, CultureInfo.InvariantCulture, out var number))
            return number;
        Report(node, field, $"expected a number, found {node.Describe()}");
        return double.NaN;
    }

    private StatsdKind? Kind(MappingNode node)
    {
        switch (Text(node, "match_metric_type"))
        {
            case null:
                return null;
            case "counter":
                return StatsdKind.Counter;
            case "gauge":
                return StatsdKind.Gauge;
            case "observer" or "timer":
                return StatsdKind.Timer;
            case var other:
                Report(node, "match_metric_type", $"'{other}' is none of counter, gauge and observer");
                return null;
        }
    }

    private static List<KeyValuePair<string, string>> Labels(MappingNode node) => node.Find("labels") is MappingNode labels
        ? [.. labels.Entries.Where(static entry => entry.Key.Length > 0).Select(static entry => new KeyValuePair<string, string>(MetricNames.Label(entry.Key), (entry.Value as ScalarNode)?.Text ?? ""))]
        : [];

    private static string? Text(MappingNode node, string field) => node.Find(field) is ScalarNode { Kind: not ScalarKind.Null, Text.Length: > 0 } scalar ? scalar.Text : null;

    private void Expect(MappingNode node, string[] fields)
    {
        foreach (var entry in node.Entries.Where(entry => !fields.Contains(entry.Key)))
            findings.Add(new Finding(Severity.Error, entry.Position, entry.Key, "unknown field, or one that is not implemented"));
    }

    private void Report(Node at, string field, string text) => findings.Add(new Finding(Severity.Error, at.Position, field, text));
}
