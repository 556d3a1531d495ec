using Weft.Base.Stats;

namespace Weft.Proxy.Dns;

/// <summary>The statistics <c>dns.cares.*</c>: Envoy's names for its resolver, so that dashboards keep working.</summary>
internal sealed class DnsStats(StatsScope scope)
{
    /// <summary>Answered questions (a look-up of both families asks two).</summary>
    public Counter ResolveTotal { get; } = scope.Counter("resolve_total");

    public Gauge PendingResolutions { get; } = scope.Gauge("pending_resolutions");

    public Counter NotFound { get; } = scope.Counter("not_found");

    public Counter GetAddrFailure { get; } = scope.Counter("get_addr_failure");

    public Counter Timeouts { get; } = scope.Counter("timeouts");

    /// <summary>resolv.conf was read again.</summary>
    public Counter Reinits { get; } = scope.Counter("reinits");
}
