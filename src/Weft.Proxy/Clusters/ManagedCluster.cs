using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters;

/// <summary>What a name stands for: the cluster in use, and the one that will replace it once its endpoints are known. Main thread.</summary>
internal sealed class ManagedCluster(ClusterReference reference)
{
    public ClusterReference Reference { get; } = reference;

    /// <summary>Null as long as the first one is warming.</summary>
    public ClusterWithLifetime? Active { get; set; }

    public ClusterWithLifetime? Warming { get; set; }

    /// <summary>The newer of the two.</summary>
    public ClusterWithLifetime Newest => Warming ?? Active!;
}

/// <summary>A cluster and what ends with it.</summary>
internal sealed record ClusterWithLifetime(Cluster Cluster, Lifetime Lifetime);
