using Google.Protobuf;
using Weft.Config;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters;

/// <summary>What an update changes in a cluster, and so whose connections must end. Any thread.</summary>
public static class ClusterChange
{
    /// <summary>
    /// What neither decides how endpoints are found nor how they are spoken to: limits, times, balancing, checks, ejection, metadata. The rest (transport
    /// sockets, protocol options, bind_config, DNS, EDS, names of statistics) makes another cluster.
    /// </summary>
    private static readonly HashSet<int> s_inPlace =
    [
        ClusterMessage.ConnectTimeoutFieldNumber,
        ClusterMessage.PerConnectionBufferLimitBytesFieldNumber,
        ClusterMessage.LbPolicyFieldNumber,
        ClusterMessage.HealthChecksFieldNumber,
        ClusterMessage.MaxRequestsPerConnectionFieldNumber,
        ClusterMessage.CircuitBreakersFieldNumber,
        ClusterMessage.OutlierDetectionFieldNumber,
        ClusterMessage.LbSubsetConfigFieldNumber,
        ClusterMessage.RingHashLbConfigFieldNumber,
        ClusterMessage.MaglevLbConfigFieldNumber,
        ClusterMessage.LeastRequestLbConfigFieldNumber,
        ClusterMessage.RoundRobinLbConfigFieldNumber,
        ClusterMessage.LoadBalancingPolicyFieldNumber,
        ClusterMessage.CommonLbConfigFieldNumber,
        ClusterMessage.MetadataFieldNumber,
        ClusterMessage.CloseConnectionsOnHostHealthFailureFieldNumber,
        ClusterMessage.IgnoreHealthOnHostRemovalFieldNumber,
        ClusterMessage.PreconnectPolicyFieldNumber,
        ClusterMessage.WaitForWarmOnInitFieldNumber,
    ];

    /// <summary>
    /// The cluster stays: endpoints that stay keep their connections, and what is known of their health. (Envoy makes another cluster of any change.)
    /// </summary>
    public static bool IsInPlace(ClusterMessage before, ClusterMessage after) =>
        IsFoundByType(after)
        && MessageDifference.Fields(before, after).All(field => s_inPlace.Contains(field.FieldNumber) || (field.FieldNumber == ClusterMessage.LoadAssignmentFieldNumber && AreListed(after)))
        && (Equals(before.LoadBalancingPolicy, after.LoadBalancingPolicy) || !(MayScanAll(before) || MayScanAll(after)))
        && ShowsRemaining(before).SequenceEqual(ShowsRemaining(after));

    /// <summary>Nothing changes but the configured endpoints.</summary>
    internal static bool IsOfEndpoints(ClusterMessage before, ClusterMessage after) =>
        MessageDifference.Fields(before, after).All(static field => field.FieldNumber == ClusterMessage.LoadAssignmentFieldNumber);

    private static bool IsFoundByType(ClusterMessage cluster) => cluster.ClusterType is null && cluster.Type != ClusterMessage.Types.DiscoveryType.OriginalDst;

    private static bool AreListed(ClusterMessage cluster) => cluster.Type is ClusterMessage.Types.DiscoveryType.Static or ClusterMessage.Types.DiscoveryType.StrictDns;

    /// <summary>Endpoints that a full scan compares count their requests together, from the first request on.</summary>
    private static bool MayScanAll(ClusterMessage cluster) =>
        cluster.LoadBalancingPolicy is { } policy && policy.ToByteString().Span.IndexOf("v3.LeastRequest"u8) >= 0;

    /// <summary>The gauges of what limits leave come and go with the cluster.</summary>
    private static IEnumerable<(Envoy.Config.Core.V3.RoutingPriority Priority, bool Shows)> ShowsRemaining(ClusterMessage cluster) =>
        (cluster.CircuitBreakers?.Thresholds ?? []).Where(static entry => entry.TrackRemaining).Select(static entry => (entry.Priority, true)).Distinct().Order();
}
