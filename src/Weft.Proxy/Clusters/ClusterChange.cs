using Weft.Config;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters;

/// <summary>What an update changes in a cluster, and so whose connections must end. Any thread.</summary>
public static class ClusterChange
{
    /// <summary>
    /// Nothing changes but the endpoints that stand in the configuration: those that stay keep their connections, and what is known of their health.
    /// (Envoy makes another cluster.)
    /// </summary>
    public static bool IsInPlace(ClusterMessage before, ClusterMessage after) =>
        after.Type == ClusterMessage.Types.DiscoveryType.Static && after.ClusterType is null
        && MessageDifference.Fields(before, after).All(static field => field.FieldNumber == ClusterMessage.LoadAssignmentFieldNumber);
}
