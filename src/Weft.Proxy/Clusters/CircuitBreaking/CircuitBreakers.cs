using Envoy.Config.Core.V3;
using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>The limits of one cluster, by priority; counts are shared by all workers (atomics), as in Envoy.</summary>
public sealed class CircuitBreakers
{
    public required CircuitBreaker Default { get; init; }

    public required CircuitBreaker High { get; init; }

    public CircuitBreaker this[int priority] => priority == 0 ? Default : High;

    /// <summary>The configured thresholds, or the defaults; the first entry of a priority counts.</summary>
    /// <param name="clusterScope">Gauges are made under its <c>circuit_breakers.</c>.</param>
    public static CircuitBreakers Create(Envoy.Config.Cluster.V3.CircuitBreakers? config, StatsScope clusterScope) => new()
    {
        Default = Create(config, RoutingPriority.Default, clusterScope.Scope("circuit_breakers.default.")),
        High = Create(config, RoutingPriority.High, clusterScope.Scope("circuit_breakers.high.")),
    };

    private static CircuitBreaker Create(Envoy.Config.Cluster.V3.CircuitBreakers? config, RoutingPriority priority, StatsScope scope)
    {
        var thresholds = config?.Thresholds.FirstOrDefault(entry => entry.Priority == priority);
        var breaker = new CircuitBreaker
        {
            Connections = new ResourceLimit(thresholds?.MaxConnections ?? 1024),
            PendingRequests = new ResourceLimit(thresholds?.MaxPendingRequests ?? 1024),
            Requests = new ResourceLimit(thresholds?.MaxRequests ?? 1024),
            Retries = new ResourceLimit(thresholds?.MaxRetries ?? 3),
        };
        Publish(breaker.Connections, "cx_open", "remaining_cx");
        Publish(breaker.PendingRequests, "rq_pending_open", "remaining_pending");
        Publish(breaker.Requests, "rq_open", "remaining_rq");
        Publish(breaker.Retries, "rq_retry_open", "remaining_retries");
        // Weft has one pool per endpoint and priority, without a limit on their number.
        scope.ComputedGauge("cx_pool_open", static () => 0);
        return breaker;

        void Publish(ResourceLimit limit, string open, string remaining)
        {
            scope.ComputedGauge(open, () => limit.IsFull ? 1 : 0);
            if (thresholds?.TrackRemaining ?? false)
                scope.ComputedGauge(remaining, () => Math.Max(0, limit.Max - limit.Current));
        }
    }
}

/// <summary>One priority's limits: connections, pending requests, requests, retries (defaults 1024, 1024, 1024, 3).</summary>
public sealed class CircuitBreaker
{
    public required ResourceLimit Connections { get; init; }
    public required ResourceLimit PendingRequests { get; init; }
    public required ResourceLimit Requests { get; init; }
    public required ResourceLimit Retries { get; init; }
}

/// <summary>A counted limit; <c>circuit_breakers.PRIORITY.*_open</c> and <c>remaining_*</c> gauges read it. Any thread.</summary>
public sealed class ResourceLimit(long max)
{
    private long _current;

    public long Max { get; } = max;

    public long Current => Volatile.Read(ref _current);

    public bool IsFull => Current >= Max;

    /// <summary>Takes one if the limit allows.</summary>
    public bool TryAcquire()
    {
        if (Interlocked.Increment(ref _current) <= Max)
            return true;
        Interlocked.Decrement(ref _current);
        return false;
    }

    /// <summary>Takes one beyond the limit (the one connection that a pool may always have).</summary>
    public void Acquire() => Interlocked.Increment(ref _current);

    public void Release() => Interlocked.Decrement(ref _current);
}
