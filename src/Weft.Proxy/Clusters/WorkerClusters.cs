using Weft.Base.Stats;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters;

/// <summary>One worker's half of every cluster, found by reference. Worker thread.</summary>
public sealed class WorkerClusters(Worker worker)
{
    // A half is made when it is asked for first: of many clusters a worker uses few.
    private WorkerCluster?[] _clusters = new WorkerCluster?[16];
    private Cluster?[] _known = new Cluster?[16];

    /// <summary>Counts the halves that there are; null: nobody wants to know. Set before the worker runs.</summary>
    internal Gauge? Made { get; set; }

    /// <summary>Null when there is no such cluster (now).</summary>
    public WorkerCluster? Find(ClusterReference reference) =>
        (uint)reference.Index < (uint)_clusters.Length ? _clusters[reference.Index] ?? Make(reference.Index) : null;

    /// <summary>Null when there is no such cluster, or nothing has asked for it here.</summary>
    internal WorkerCluster? FindUsed(ClusterReference reference) => (uint)reference.Index < (uint)_clusters.Length ? _clusters[reference.Index] : null;

    /// <summary>Adds or replaces a cluster; the pools of a replaced one drain.</summary>
    internal void Set(ClusterReference reference, Cluster cluster)
    {
        if (reference.Index >= _clusters.Length)
        {
            Array.Resize(ref _clusters, Math.Max(_clusters.Length * 2, reference.Index + 1));
            Array.Resize(ref _known, _clusters.Length);
        }

        Forget(reference.Index);
        _known[reference.Index] = cluster;
    }

    /// <summary>The cluster is gone: its pools drain, requests find none.</summary>
    internal void Remove(ClusterReference reference)
    {
        if (reference.Index >= _clusters.Length)
            return;
        Forget(reference.Index);
        _known[reference.Index] = null;
    }

    /// <summary>Takes a cluster's newest endpoints over now, rather than at the next request.</summary>
    internal void Refresh(ClusterReference reference) => FindUsed(reference)?.Refresh();

    private WorkerCluster? Make(int index)
    {
        if (_known[index] is not { } cluster)
            return null;
        Made?.Inc();
        return _clusters[index] = new WorkerCluster(worker, cluster);
    }

    private void Forget(int index)
    {
        if (_clusters[index] is not { } half)
            return;
        half.Drain();
        _clusters[index] = null;
        Made?.Dec();
    }
}
