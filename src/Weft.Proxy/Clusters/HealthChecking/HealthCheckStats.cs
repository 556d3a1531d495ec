using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>The statistics <c>cluster.NAME.health_check.*</c>, under Envoy's names.</summary>
internal sealed class HealthCheckStats(StatsScope scope)
{
    public Counter Attempt { get; } = scope.Counter("health_check.attempt");

    public Counter Success { get; } = scope.Counter("health_check.success");

    public Counter Failure { get; } = scope.Counter("health_check.failure");

    /// <summary>Failures to connect, resets, timeouts.</summary>
    public Counter NetworkFailure { get; } = scope.Counter("health_check.network_failure");

    /// <summary>Endpoints that said on ordinary traffic that they fail (x-envoy-immediate-health-check-fail).</summary>
    public Counter PassiveFailure { get; } = scope.Counter("health_check.passive_failure");

    /// <summary>Checks that compared the service's name.</summary>
    public Counter VerifyCluster { get; } = scope.Counter("health_check.verify_cluster");

    public Gauge Healthy { get; } = scope.Gauge("health_check.healthy");

    public Gauge Degraded { get; } = scope.Gauge("health_check.degraded");
}
