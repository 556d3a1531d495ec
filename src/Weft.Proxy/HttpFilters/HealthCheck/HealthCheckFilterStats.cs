using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.HealthCheck;

/// <summary>The statistics <c>http.PREFIX.health_check.*</c>.</summary>
internal sealed class HealthCheckFilterStats(StatsScope scope)
{
    /// <summary>Health checks answered by the filter.</summary>
    public Counter RequestTotal { get; } = scope.Counter("request_total");

    public Counter Ok { get; } = scope.Counter("ok");

    public Counter Failed { get; } = scope.Counter("failed");

    public Counter Degraded { get; } = scope.Counter("degraded");

    public Counter CachedResponse { get; } = scope.Counter("cached_response");

    public Counter FailedClusterNotFound { get; } = scope.Counter("failed_cluster_not_found");

    public Counter FailedClusterEmpty { get; } = scope.Counter("failed_cluster_empty");

    public Counter FailedClusterUnhealthy { get; } = scope.Counter("failed_cluster_unhealthy");
}
