using Weft.Base.Stats;
using Weft.Proxy.Clusters.CircuitBreaking;

namespace Weft.Proxy.Dns.Cache;

/// <summary>The statistics <c>dns_cache.NAME.*</c>, under Envoy's names.</summary>
internal sealed class DnsCacheStats
{
    public DnsCacheStats(StatsScope scope, ResourceLimit pending)
    {
        QueryAttempt = scope.Counter("dns_query_attempt");
        QueryFailure = scope.Counter("dns_query_failure");
        QuerySuccess = scope.Counter("dns_query_success");
        QueryTimeout = scope.Counter("dns_query_timeout");
        HostAdded = scope.Counter("host_added");
        HostAddressChanged = scope.Counter("host_address_changed");
        HostOverflow = scope.Counter("host_overflow");
        HostRemoved = scope.Counter("host_removed");
        PendingOverflow = scope.Counter("dns_rq_pending_overflow");
        NumHosts = scope.Gauge("num_hosts");
        // There is no store to load names from.
        scope.Counter("cache_load");
        scope.ComputedGauge("circuit_breakers.rq_pending_open", () => pending.IsFull ? 1 : 0);
        scope.ComputedGauge("circuit_breakers.rq_pending_remaining", () => Math.Max(0, pending.Max - pending.Current));
    }

    public Counter QueryAttempt { get; }

    /// <summary>Time-outs and failures of the servers; a name that does not exist is an answer.</summary>
    public Counter QueryFailure { get; }
    public Counter QuerySuccess { get; }
    public Counter QueryTimeout { get; }
    public Counter HostAdded { get; }
    public Counter HostAddressChanged { get; }

    /// <summary>Names refused because of max_hosts.</summary>
    public Counter HostOverflow { get; }
    public Counter HostRemoved { get; }

    /// <summary>Requests refused because of the circuit breaker.</summary>
    public Counter PendingOverflow { get; }
    public Gauge NumHosts { get; }
}
