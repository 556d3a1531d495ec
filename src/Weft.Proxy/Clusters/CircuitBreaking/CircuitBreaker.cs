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
}
