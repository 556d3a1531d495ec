using Weft.Proxy.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>Clusters that wait for their endpoints before they are used. Main thread.</summary>
internal sealed class WarmingClusters(ClusterManagerStats stats)
{
    private readonly List<Action> _whenNone = [];
    private int _count;

    /// <summary>
    /// Starts the discovery of a cluster, in the place of one that warms for the same name. <paramref name="onWarm"/> is called once its endpoints
    /// are known, unless another has taken its place by then.
    /// </summary>
    public void Add(ManagedCluster entry, ClusterWithLifetime made, Action onWarm)
    {
        Drop(entry);
        entry.Warming = made;
        stats.WarmingClusters.Set(++_count);
        made.Cluster.Config.Stats.WarmingState.Set(1);
        made.Cluster.Start(() =>
        {
            // Another update may have come meanwhile.
            if (entry.Warming != made)
                return;
            entry.Warming = null;
            stats.WarmingClusters.Set(--_count);
            made.Cluster.Config.Stats.WarmingState.Set(0);
            onWarm();
            TellIfNone();
        });
    }

    /// <summary>Ends the warming cluster of a name, if there is one. <see cref="TellIfNone"/> is the caller's to call.</summary>
    public void Drop(ManagedCluster entry)
    {
        if (entry.Warming is not { } warming)
            return;
        entry.Warming = null;
        stats.WarmingClusters.Set(--_count);
        warming.Cluster.Dispose();
        warming.Lifetime.Dispose();
    }

    /// <summary>Calls <paramref name="done"/> once, as soon as no cluster is warming.</summary>
    public void WhenNone(Action done)
    {
        _whenNone.Add(done);
        TellIfNone();
    }

    public void TellIfNone()
    {
        if (_whenNone.Count == 0 || _count > 0)
            return;
        var waiting = _whenNone.ToArray();
        _whenNone.Clear();
        foreach (var done in waiting)
            done();
    }
}
