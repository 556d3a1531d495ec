using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>cluster_manager.*</c>, under Envoy's names.</summary>
public sealed class ClusterManagerStats
{
    public ClusterManagerStats(StatsStore store)
    {
        var scope = store.Scope("cluster_manager.");
        ClusterAdded = scope.Counter("cluster_added");
        ClusterModified = scope.Counter("cluster_modified");
        ClusterRemoved = scope.Counter("cluster_removed");
        ClusterUpdated = scope.Counter("cluster_updated");
        ClusterUpdatedViaMerge = scope.Counter("cluster_updated_via_merge");
        UpdateMergeCancelled = scope.Counter("update_merge_cancelled");
        UpdateOutOfMergeWindow = scope.Counter("update_out_of_merge_window");
        ActiveClusters = scope.Gauge("active_clusters");
        WarmingClusters = scope.Gauge("warming_clusters");
    }

    public Counter ClusterAdded { get; }

    public Counter ClusterModified { get; }

    public Counter ClusterRemoved { get; }

    public Counter ClusterUpdated { get; }

    public Counter ClusterUpdatedViaMerge { get; }

    public Counter UpdateMergeCancelled { get; }

    public Counter UpdateOutOfMergeWindow { get; }

    public Gauge ActiveClusters { get; }

    public Gauge WarmingClusters { get; }

    /// <summary>Of a thread: the clusters that it has made its half of (<c>thread_local_cluster_manager.THREAD.clusters_inflated</c>).</summary>
    public static Gauge Inflated(StatsStore store, string thread) => store.Scope($"thread_local_cluster_manager.{thread}.").Gauge("clusters_inflated");
}
