using System.Text;

namespace Weft.Observe.Statsd;

/// <summary>Everything that came by statsd or OpenTelemetry, as Prometheus will be told. Loop thread.</summary>
/// <param name="maxSeries">More are not begun: what is sent to them is counted as dropped.</param>
internal sealed class MetricStore(StatsdMapping mapping, int maxSeries)
{
    /// <summary>A longer name is no metric's.</summary>
    public const int MaxNameLength = 2048;

    private const string OtlpHelp = "Metric from OpenTelemetry.";

    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);

    /// <summary>Names seen before, so that patterns run once for each. Bounded like the series.</summary>
    private readonly Dictionary<(string, StatsdKind), (MetricFamily? Family, string Labels)> _known = [];

    public IEnumerable<MetricFamily> Families => _families.Values;

    public int SeriesCount { get; private set; }

    /// <summary>Points of OpenTelemetry that do not fit together: buckets without bounds, no value at all.</summary>
    public long Skipped { get; set; }

    /// <summary>Values taken in.</summary>
    public long Received { get; private set; }

    /// <summary>Lines that are no statsd.</summary>
    public long Malformed { get; private set; }

    /// <summary>Values that would have begun one series too many.</summary>
    public long Dropped { get; private set; }

    /// <summary>Values whose name another kind of metric has.</summary>
    public long Conflicts { get; private set; }

    /// <summary>Takes a line without its end.</summary>
    public void Take(ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (line.IsEmpty)
            return;
        if (line.Length > MaxNameLength || StatsdLine.Parse(Encoding.UTF8.GetString(line)) is not { } parsed)
        {
            Malformed++;
            return;
        }

        foreach (var value in parsed.Values)
            Apply(parsed, value);
    }

    /// <summary>Takes what OpenTelemetry says of a series.</summary>
    public void Take(MetricPoint point)
    {
        Received++;
        var observer = point.Shape == FamilyShape.Reported ? ObserverType.Summary : ObserverType.Histogram;
        var rule = mapping.Default with { Help = point.Help.Length > 0 ? point.Help : OtlpHelp, Observer = observer, Buckets = point.Bounds };
        if (Family(MetricNames.Metric(point.Name), point.Kind, rule, point.Shape) is not { } family)
            return;
        if (!family.Takes(point))
            Conflicts++;
        else if (Series(family, PrometheusText.Labels(point.Labels)) is { } series)
            series.Apply(point, family.Bounds);
    }

    /// <summary>To be called in intervals: quantiles are of the last one to two of them.</summary>
    public void Age()
    {
        foreach (var family in _families.Values)
        {
            foreach (var series in family.Series.Values)
                series.Age();
        }
    }

    private void Apply(StatsdLine line, StatsdValue value)
    {
        Received++;
        var (family, labels) = Resolve(line, value.Kind);
        if (family is null)
            return;
        if (!family.Takes(value.Kind))
        {
            Conflicts++;
            return;
        }

        if (Series(family, labels) is not { } series)
            return;
        // A counter that goes down is none; one that would is left as it is.
        if (value.Kind == StatsdKind.Counter && value.Value < 0)
            Malformed++;
        else
            series.Apply(value, family.Rule);
    }

    /// <summary>Null when there would be one too many.</summary>
    private MetricSeries? Series(MetricFamily family, string labels)
    {
        if (family.Series.TryGetValue(labels, out var series))
            return series;
        if (SeriesCount >= maxSeries)
        {
            Dropped++;
            return null;
        }

        SeriesCount++;
        family.Series.Add(labels, series = new MetricSeries());
        return series;
    }

    private (MetricFamily? Family, string Labels) Resolve(StatsdLine line, StatsdKind kind)
    {
        if (_known.TryGetValue((line.Name, kind), out var known))
            return line.Tags.Count == 0 ? known : Compile(line, kind);
        var compiled = Compile(line, kind);
        if (compiled.Family is not null && line.Tags.Count == 0 && _known.Count < maxSeries)
            _known.Add((line.Name, kind), compiled);
        return compiled;
    }

    private (MetricFamily? Family, string Labels) Compile(StatsdLine line, StatsdKind kind)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (label, value) in line.Tags)
            labels[label] = value;
        var (rule, name) = (mapping.Default, line.Name);
        if (mapping.Find(line.Name, kind) is var (found, match))
        {
            rule = found;
            if (rule.Drops)
                return (null, "");
            name = match.Result(rule.Name);
            foreach (var (label, value) in rule.Labels)
                labels[label] = match.Result(value);
        }

        return (Family(MetricNames.Metric(name.Length == 0 ? "_" : name), kind, rule), PrometheusText.Labels(labels));
    }

    private MetricFamily? Family(string name, StatsdKind kind, MappingRule rule, FamilyShape shape = FamilyShape.Plain)
    {
        if (_families.TryGetValue(name, out var family))
            return family;
        if (SeriesCount >= maxSeries)
        {
            Dropped++;
            return null;
        }

        _families.Add(name, family = new MetricFamily(name, kind, rule, shape));
        return family;
    }
}
