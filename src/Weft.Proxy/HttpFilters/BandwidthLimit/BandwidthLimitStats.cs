using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.BandwidthLimit;

/// <summary>What a bandwidth limit counts of one direction, under <c>PREFIX.http_bandwidth_limit.</c>. Any thread.</summary>
/// <param name="scope">With that name.</param>
/// <param name="direction"><c>request</c> or <c>response</c>.</param>
internal sealed class BandwidthLimitStats(StatsScope scope, string direction)
{
    /// <summary>Streams that are limited.</summary>
    public Counter Enabled { get; } = scope.Counter(direction + "_enabled");

    /// <summary>Times at which something had to wait.</summary>
    public Counter Enforced { get; } = scope.Counter(direction + "_enforced");

    /// <summary>Streams whose body is on its way.</summary>
    public Gauge Pending { get; } = scope.Gauge(direction + "_pending");

    /// <summary>Bytes of the latest piece that came.</summary>
    public Gauge IncomingSize { get; } = scope.Gauge(direction + "_incoming_size");

    /// <summary>Bytes of the latest piece that passed.</summary>
    public Gauge AllowedSize { get; } = scope.Gauge(direction + "_allowed_size");

    public Counter IncomingTotalSize { get; } = scope.Counter(direction + "_incoming_total_size");

    public Counter AllowedTotalSize { get; } = scope.Counter(direction + "_allowed_total_size");

    public Histogram TransferDuration { get; } = scope.Histogram(direction + "_transfer_duration", HistogramUnit.Milliseconds);
}
