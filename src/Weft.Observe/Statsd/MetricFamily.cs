namespace Weft.Observe.Statsd;

/// <summary>How the values of a family are kept, beyond their kind.</summary>
internal enum FamilyShape : byte
{
    /// <summary>Numbers, values that are counted here, and histograms with bounds of the sender's choice.</summary>
    Plain,

    /// <summary>Exponential histograms.</summary>
    Exponential,

    /// <summary>Summaries whose quantiles the sender tells.</summary>
    Reported,
}

/// <summary>The series of one name. Loop thread.</summary>
internal sealed class MetricFamily(string name, StatsdKind kind, MappingRule rule, FamilyShape shape = FamilyShape.Plain)
{
    public string Name => name;

    public StatsdKind Kind => kind;

    public MappingRule Rule => rule;

    public FamilyShape Shape => shape;

    /// <summary>Of a family of exponential histograms; empty otherwise.</summary>
    public ExponentialBounds Bounds { get; } = new();

    /// <summary>By their labels as they are printed.</summary>
    public SortedDictionary<string, MetricSeries> Series { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a line of this kind belongs here: timers and histograms differ only in their unit.</summary>
    public bool Takes(StatsdKind other) => shape == FamilyShape.Plain && IsLike(other);

    /// <summary>Whether a point belongs here.</summary>
    public bool Takes(MetricPoint point) =>
        shape == point.Shape && IsLike(point.Kind) && (point.Kind != StatsdKind.Histogram || shape != FamilyShape.Plain || rule.Buckets.SequenceEqual(point.Bounds));

    private bool IsLike(StatsdKind other) => kind == other || (kind is StatsdKind.Timer or StatsdKind.Histogram && other is StatsdKind.Timer or StatsdKind.Histogram);
}
