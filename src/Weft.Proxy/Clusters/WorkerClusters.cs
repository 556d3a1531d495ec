using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters;

/// <summary>One worker's half of every cluster, found by reference. Worker thread.</summary>
public sealed class WorkerClusters(Worker worker)
{
    private WorkerCluster?[] _clusters = new WorkerCluster?[16];

    /// <summary>Null when there is no such cluster (now).</summary>
    public WorkerCluster? Find(ClusterReference reference) =>
        (uint)reference.Index < (uint)_clusters.Length ? _clusters[reference.Index] : null;

    /// <summary>Adds or replaces a cluster; the pools of a replaced one drain.</summary>
    internal void Set(ClusterReference reference, Cluster cluster)
    {
        if (reference.Index >= _clusters.Length)
            Array.Resize(ref _clusters, Math.Max(_clusters.Length * 2, reference.Index + 1));
        _clusters[reference.Index]?.Drain();
        _clusters[reference.Index] = new WorkerCluster(worker, cluster);
    }

    /// <summary>The cluster is gone: its pools drain, requests find none.</summary>
    internal void Remove(ClusterReference reference)
    {
        Find(reference)?.Drain();
        _clusters[reference.Index] = null;
    }

    /// <summary>Takes a cluster's newest endpoints over now, rather than at the next request.</summary>
    internal void Refresh(ClusterReference reference) => Find(reference)?.Refresh();
}
