using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.CircuitBreaking;
using Thresholds = Envoy.Config.Cluster.V3.CircuitBreakers.Types.Thresholds;

namespace Weft.Proxy.Admin;

/// <summary>The JSON form of <c>/clusters</c>.</summary>
internal static class ClustersMessage
{
    public static Envoy.Admin.V3.Clusters Of(IReadOnlyList<Cluster> clusters) => new() { ClusterStatuses = { clusters.Select(Status) } };

    private static ClusterStatus Status(Cluster cluster)
    {
        var config = cluster.Config;
        var status = new ClusterStatus
        {
            Name = config.Name,
            ObservabilityName = config.StatName,
            AddedViaApi = cluster.Origin.IsDynamic,
            EdsServiceName = config.EdsServiceName,
            CircuitBreakers = new()
            {
                Thresholds = { Limits(RoutingPriority.Default, config.CircuitBreakers.Look(0)), Limits(RoutingPriority.High, config.CircuitBreakers.Look(1)) },
            },
        };
        if (cluster.OutlierDetector is { } detector)
        {
            status.SuccessRateEjectionThreshold = ThresholdOf(detector.External.Ejection);
            status.LocalOriginSuccessRateEjectionThreshold = ThresholdOf(detector.LocalOrigin.Ejection);
        }

        foreach (var priority in cluster.Endpoints.Priorities)
            status.HostStatuses.AddRange(priority.All.Select(Host));
        return status;
    }

    /// <summary>Null for what is not known.</summary>
    private static Envoy.Type.V3.Percent? PercentOf(double? value) => value is >= 0 and var known ? new() { Value = known } : null;

    /// <summary>Null where no endpoint could fall below it.</summary>
    private static Envoy.Type.V3.Percent? ThresholdOf(double value) => value > 0 ? PercentOf(value) : null;

    private static Thresholds Limits(RoutingPriority priority, CircuitBreaker limits) => new()
    {
        Priority = priority,
        MaxConnections = (uint)Math.Min(limits.Connections.Max, uint.MaxValue),
        MaxPendingRequests = (uint)Math.Min(limits.PendingRequests.Max, uint.MaxValue),
        MaxRequests = (uint)Math.Min(limits.Requests.Max, uint.MaxValue),
        MaxRetries = (uint)Math.Min(limits.Retries.Max, uint.MaxValue),
    };

    private static HostStatus Host(Endpoint endpoint) => new()
    {
        Address = AddressMessage.Of(endpoint.Address),
        Stats =
        {
            EndpointNumbers.Counters(endpoint).Select(number => Metric(number, SimpleMetric.Types.Type.Counter)),
            EndpointNumbers.Gauges(endpoint).Select(number => Metric(number, SimpleMetric.Types.Type.Gauge)),
        },
        HealthStatus = Health(endpoint.HealthFlags),
        SuccessRate = PercentOf(endpoint.OutlierMonitor?.External.SuccessRate),
        LocalOriginSuccessRate = PercentOf(endpoint.OutlierMonitor?.LocalOrigin.SuccessRate),
        Weight = endpoint.Weight,
        Hostname = endpoint.Hostname,
        Priority = (uint)endpoint.Priority,
        Locality = new Locality { Region = endpoint.Region, Zone = endpoint.Zone, SubZone = endpoint.SubZone },
    };

    private static SimpleMetric Metric((string Name, long Value) number, SimpleMetric.Types.Type type) =>
        new() { Name = number.Name, Value = (ulong)Math.Max(0, number.Value), Type = type };

    private static HostHealthStatus Health(EndpointHealthFlags flags) => new()
    {
        FailedActiveHealthCheck = flags.HasFlag(EndpointHealthFlags.FailedActiveHc),
        FailedOutlierCheck = flags.HasFlag(EndpointHealthFlags.FailedOutlierCheck),
        FailedActiveDegradedCheck = flags.HasFlag(EndpointHealthFlags.DegradedActiveHc),
        PendingDynamicRemoval = flags.HasFlag(EndpointHealthFlags.PendingDynamicRemoval),
        PendingActiveHc = flags.HasFlag(EndpointHealthFlags.PendingActiveHc),
        ExcludedViaImmediateHcFail = flags.HasFlag(EndpointHealthFlags.ExcludedViaImmediateHcFail),
        ActiveHcTimeout = flags.HasFlag(EndpointHealthFlags.ActiveHcTimeout),
        EdsHealthStatus = flags switch
        {
            _ when flags.HasFlag(EndpointHealthFlags.EdsStatusDraining) => HealthStatus.Draining,
            _ when flags.HasFlag(EndpointHealthFlags.FailedEdsHealth) => HealthStatus.Unhealthy,
            _ when flags.HasFlag(EndpointHealthFlags.DegradedEdsHealth) => HealthStatus.Degraded,
            _ => HealthStatus.Healthy,
        },
    };
}
