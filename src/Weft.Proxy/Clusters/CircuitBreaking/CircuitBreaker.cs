using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>One priority's limits. Any thread.</summary>
public sealed class CircuitBreaker
{
    /// <summary>max_connections; default 1024.</summary>
    public required ResourceLimit Connections { get; init; }

    /// <summary>max_pending_requests; default 1024.</summary>
    public required ResourceLimit PendingRequests { get; init; }

    /// <summary>max_requests; default 1024.</summary>
    public required ResourceLimit Requests { get; init; }

    /// <summary>max_retries, default 3; or what retry_budget allows.</summary>
    public required ResourceLimit Retries { get; init; }

    /// <summary>max_connection_pools, over all workers; default: no limit.</summary>
    public required ResourceLimit ConnectionPools { get; init; }

    /// <summary>max_connections of per_host_thresholds; null: none.</summary>
    public long? MaxConnectionsPerEndpoint { get; init; }

    /// <summary>Shows what is left of each limit. Main thread.</summary>
    /// <param name="scope">Of the gauges.</param>
    /// <param name="hasBudget">What a retry budget leaves depends on the requests of the moment: it is not shown.</param>
    internal void PublishRemaining(StatsScope scope, bool hasBudget)
    {
        PublishRemaining(scope, Connections, "remaining_cx");
        PublishRemaining(scope, PendingRequests, "remaining_pending");
        PublishRemaining(scope, Requests, "remaining_rq");
        PublishRemaining(scope, Retries, "remaining_retries", shows: !hasBudget);
        PublishRemaining(scope, ConnectionPools, "remaining_cx_pools");
    }

    private static void PublishRemaining(StatsScope scope, ResourceLimit limit, string name, bool shows = true) =>
        scope.ComputedGauge(name, () => shows ? Math.Max(0, limit.Max - limit.Current) : 0);
}
