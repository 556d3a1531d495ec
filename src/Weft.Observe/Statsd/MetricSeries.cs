namespace Weft.Observe.Statsd;

/// <summary>One series. Loop thread.</summary>
internal sealed class MetricSeries
{
    private const double MillisecondsPerSecond = 1000;

    /// <summary>Quantiles are of what came since the turn before the last.</summary>
    private LogHistogram? _now;
    private LogHistogram? _before;
    private Dictionary<int, double>? _exponential;

    /// <summary>A counter's or gauge's.</summary>
    public double Value { get; private set; }

    public double Count { get; private set; }

    public double Sum { get; private set; }

    /// <summary>How many values lay at or below each bound.</summary>
    public long[] Buckets { get; private set; } = [];

    /// <summary>How many values of an exponential histogram were 0 or below.</summary>
    public double AtMostZero { get; private set; }

    /// <summary>What the sender of a summary has told last.</summary>
    public IReadOnlyList<ReportedQuantile> Quantiles { get; private set; } = [];

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
    /// <param name="bounds">The family's, for exponential histograms.</param>
    public void Apply(MetricPoint point, ExponentialBounds bounds)
    {
        if (point.Kind != StatsdKind.Histogram)
        {
            Value = point.IsDelta ? Value + point.Value : point.Value;
            return;
        }

        if (!point.IsDelta || Buckets.Length != point.Bounds.Length)
            Forget(point.Bounds.Length);
        switch (point.Shape)
        {
            case FamilyShape.Exponential:
                AddExponential(point.Exponential!, bounds);
                break;
            case FamilyShape.Reported:
                Quantiles = point.Quantiles!;
                break;
            default:
                AddCounts(point.Counts);
                break;
        }

        Count += point.Count;
        Sum += point.Value;
    }

    /// <summary>How many values of an exponential histogram lie in a bucket.</summary>
    public double InBucket(int index) => _exponential?.GetValueOrDefault(index) ?? 0;

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

    private void Forget(int buckets)
    {
        (Buckets, Count, Sum, AtMostZero) = (new long[buckets], 0, 0, 0);
        _exponential?.Clear();
    }

    private void AddCounts(double[] counts)
    {
        var below = 0.0;
        for (var i = 0; i < Buckets.Length; i++)
            Buckets[i] += (long)(below += counts[i]);
    }

    private void AddExponential(ExponentialBuckets buckets, ExponentialBounds bounds)
    {
        _exponential ??= [];
        AtMostZero += buckets.AtMostZero;
        foreach (var (index, count) in buckets.Counts)
        {
            var bucket = bounds.Use(index);
            _exponential[bucket] = _exponential.GetValueOrDefault(bucket) + count;
        }
    }

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
