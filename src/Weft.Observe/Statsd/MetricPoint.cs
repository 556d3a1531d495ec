namespace Weft.Observe.Statsd;

/// <summary>What one series is, or by how much it has grown, as OpenTelemetry tells it.</summary>
/// <param name="Labels">Names as Prometheus allows them.</param>
/// <param name="IsDelta">Since the last time, in place of since the beginning.</param>
internal sealed record MetricPoint(string Name, string Help, StatsdKind Kind, SortedDictionary<string, string> Labels, bool IsDelta)
{
    /// <summary>The number; the sum of a histogram's or summary's values.</summary>
    public double Value { get; init; }

    /// <summary>How many values a histogram or summary has seen.</summary>
    public double Count { get; init; }

    /// <summary>Upper bounds of a histogram's buckets.</summary>
    public double[] Bounds { get; init; } = [];

    /// <summary>How many values lie in each bucket; one more than bounds.</summary>
    public double[] Counts { get; init; } = [];

    /// <summary>The buckets of an exponential histogram; null when it is none.</summary>
    public ExponentialBuckets? Exponential { get; init; }

    /// <summary>The quantiles that a summary tells; null when it is none.</summary>
    public IReadOnlyList<ReportedQuantile>? Quantiles { get; init; }

    public FamilyShape Shape => this switch
    {
        { Exponential: not null } => FamilyShape.Exponential,
        { Quantiles: not null } => FamilyShape.Reported,
        _ => FamilyShape.Plain,
    };
}

/// <summary>The value below which a share lies, as the sender has worked it out.</summary>
/// <param name="Share">0 to 1.</param>
internal readonly record struct ReportedQuantile(double Share, double Value);
