using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>http.PREFIX.user_agent.DEVICE.*</c> of connections whose first request comes from a kind of device, under Envoy's names.</summary>
/// <param name="scope"><c>http.PREFIX.user_agent.DEVICE.</c></param>
public sealed class UserAgentStats(StatsScope scope)
{
    public Counter DownstreamCxTotal { get; } = scope.Counter("downstream_cx_total");

    public Counter DownstreamCxDestroyRemoteActiveRq { get; } = scope.Counter("downstream_cx_destroy_remote_active_rq");

    public Counter DownstreamRqTotal { get; } = scope.Counter("downstream_rq_total");

    public Histogram DownstreamCxLengthMs { get; } = scope.Histogram("downstream_cx_length_ms", HistogramUnit.Milliseconds);
}
