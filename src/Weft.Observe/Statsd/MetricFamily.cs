namespace Weft.Observe.Statsd;

/// <summary>The series of one name. Loop thread.</summary>
internal sealed class MetricFamily(string name, StatsdKind kind, MappingRule rule)
{
    public string Name => name;

    public StatsdKind Kind => kind;

    public MappingRule Rule => rule;

    /// <summary>By their labels as they are printed.</summary>
    public SortedDictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a line of this kind belongs here: timers and histograms differ only in their unit.</summary>
    public bool Takes(StatsdKind other) => kind == other || (kind is StatsdKind.Timer or StatsdKind.Histogram && other is StatsdKind.Timer or StatsdKind.Histogram);
}

/// <summary>One series. Loop thread.</summary>
internal sealed class MetricSeries
{
    private const double MillisecondsPerSecond = 1000;

    /// <summary>Quantiles are of what came since the turn before the last.</summary>
    private LogHistogram? _now;
    private LogHistogram? _before;

    /// <summary>A counter's or gauge's.</summary>
    public double Value { get; private set; }

    public double Count { get; private set; }

    public double Sum { get; private set; }

    /// <summary>How many values lay at or below each bound.</summary>
    public long[] Buckets { get; private set; } = [];

    public void Apply(StatsdValue value, MappingRule rule)
    {
        switch (value.Kind)
        {
            case StatsdKind.Counter:
                Value += value.Value * value.Times;
                break;
            case StatsdKind.Gauge:
                Value = value.IsRelative ? Value + value.Value : value.Value;
                break;
            default:
                Observe(value.Kind == StatsdKind.Timer ? value.Value / MillisecondsPerSecond : value.Value, value.Times, rule);
                break;
        }
    }

    /// <summary>Takes over what a point says. Buckets are those of the family.</summary>
    public void Apply(MetricPoint point)
    {
        if (point.Kind != StatsdKind.Histogram)
        {
            Value = point.IsDelta ? Value + point.Value : point.Value;
            return;
        }

        if (!point.IsDelta || Buckets.Length != point.Bounds.Length)
            (Buckets, Count, Sum) = (new long[point.Bounds.Length], 0, 0);
        var below = 0.0;
        for (var i = 0; i < Buckets.Length; i++)
            Buckets[i] += (long)(below += point.Counts[i]);
        Count += point.Counts.Sum();
        Sum += point.Value;
    }

    /// <summary>The value below which this share of the latest lay; NaN when there were none.</summary>
    public double Quantile(double share)
    {
        var both = new LogHistogram();
        if (_before is not null)
            both.Add(_before);
        if (_now is not null)
            both.Add(_now);
        return both.Quantile(share);
    }

    /// <summary>Some minutes have passed: what is old is forgotten for quantiles.</summary>
    public void Age() => (_before, _now) = (_now, null);

    private void Observe(double value, double times, MappingRule rule)
    {
        Count += times;
        Sum += value * times;
        if (rule.Observer == ObserverType.Summary)
        {
            (_now ??= new LogHistogram()).Add(value, Math.Max(1, (long)times));
            return;
        }

        if (Buckets.Length != rule.Buckets.Count)
            Buckets = new long[rule.Buckets.Count];
        for (var i = 0; i < Buckets.Length; i++)
        {
            if (value <= rule.Buckets[i])
                Buckets[i] += Math.Max(1, (long)times);
        }
    }
}
