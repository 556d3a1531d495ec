using System.Runtime.CompilerServices;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Clusters;

/// <summary>
/// What a filter counts below the names of whichever cluster a request is for. Counters are made by the main thread when the first of a cluster is
/// needed; what comes before is added then. Any thread.
/// </summary>
/// <param name="mainLoop">Of the main thread.</param>
/// <param name="prefix">Below the cluster's names, ending in a dot.</param>
/// <param name="names">Of the counters.</param>
internal sealed class ClusterCounters(EventLoop mainLoop, string prefix, params string[] names)
{
    private readonly ConditionalWeakTable<ClusterConfig, OfCluster> _clusters = [];

    /// <param name="which">Its place among the names.</param>
    public void Inc(ClusterConfig cluster, int which)
    {
        if (!_clusters.TryGetValue(cluster, out var counters)) counters = _clusters.GetValue(cluster, Create);
        counters.Inc(which);
    }

    private OfCluster Create(ClusterConfig cluster)
    {
        var counters = new OfCluster(names.Length);
        mainLoop.Post(() => counters.Make(cluster.StatsScope.Scope(prefix), names));
        return counters;
    }

    private sealed class OfCluster(int count)
    {
        private readonly long[] _early = new long[count];
        private Counter[]? _counters;

        public void Make(StatsScope scope, string[] names)
        {
            var counters = Array.ConvertAll(names, scope.Counter);
            Volatile.Write(ref _counters, counters);
            for (var i = 0; i < counters.Length; i++) counters[i].Add(Interlocked.Exchange(ref _early[i], 0));
        }

        public void Inc(int which)
        {
            if (Volatile.Read(ref _counters) is { } counters) counters[which].Inc();
            else Interlocked.Increment(ref _early[which]);
        }
    }
}
