namespace Weft.Observe.Statsd;

/// <summary>What one series is, or by how much it has grown, as OpenTelemetry tells it.</summary>
/// <param name="Labels">Names as Prometheus allows them.</param>
/// <param name="IsDelta">Since the last time, in place of since the beginning.</param>
internal sealed record MetricPoint(string Name, string Help, StatsdKind Kind, SortedDictionary<string, string> Labels, bool IsDelta)
{
    /// <summary>The number; the sum of a histogram's values.</summary>
    public double Value { get; init; }

    /// <summary>Upper bounds of a histogram's buckets.</summary>
    public double[] Bounds { get; init; } = [];

    /// <summary>How many values lie in each bucket; one more than bounds.</summary>
    public double[] Counts { get; init; } = [];
}
