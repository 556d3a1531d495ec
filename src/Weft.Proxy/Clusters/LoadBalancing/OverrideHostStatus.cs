using Envoy.Config.Core.V3;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>common_lb_config.override_host_status: in which state an endpoint may still be sent what a filter wants there. Immutable; any thread.</summary>
internal sealed class OverrideHostStatus
{
    private const EndpointHealthFlags Failed = EndpointHealthFlags.FailedActiveHc | EndpointHealthFlags.FailedOutlierCheck | EndpointHealthFlags.FailedEdsHealth;

    /// <summary>Healthy and degraded ones.</summary>
    public static readonly OverrideHostStatus Default = new([HealthStatus.Unknown, HealthStatus.Healthy, HealthStatus.Degraded]);

    private readonly bool _healthy;
    private readonly bool _degraded;
    private readonly bool _draining;
    private readonly bool _failed;

    private OverrideHostStatus(IReadOnlyCollection<HealthStatus> statuses)
    {
        _healthy = statuses.Contains(HealthStatus.Healthy) || statuses.Contains(HealthStatus.Unknown);
        _degraded = statuses.Contains(HealthStatus.Degraded);
        _draining = statuses.Contains(HealthStatus.Draining);
        _failed = statuses.Contains(HealthStatus.Unhealthy) || statuses.Contains(HealthStatus.Timeout);
    }

    public static OverrideHostStatus Of(HealthStatusSet? config) => config is null ? Default : new OverrideHostStatus(config.Statuses);

    public bool Allows(Endpoint endpoint)
    {
        var flags = endpoint.HealthFlags;
        if ((flags & Failed) != 0)
            return _failed;
        if ((flags & EndpointHealthFlags.EdsStatusDraining) != 0)
            return _draining;
        return endpoint.Health == EndpointHealth.Degraded ? _degraded : _healthy;
    }
}
