using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>What is counted for the requests of one cluster. The counters are made by the main thread when the first is needed; what comes before is added then. Any thread.</summary>
internal sealed class ClusterLimitStats
{
    private readonly long[] _early = new long[4];
    private Counter[]? _counters;

    public enum Kind { Ok, Error, FailureModeAllowed, OverLimit }

    /// <param name="prefix">Below the cluster's names.</param>
    public ClusterLimitStats(ClusterConfig cluster, string prefix, EventLoop mainLoop) => mainLoop.Post(() =>
    {
        var scope = cluster.StatsScope.Scope(prefix);
        Counter[] counters = [scope.Counter("ok"), scope.Counter("error"), scope.Counter("failure_mode_allowed"), scope.Counter("over_limit")];
        Volatile.Write(ref _counters, counters);
        for (var i = 0; i < counters.Length; i++) counters[i].Add(Interlocked.Exchange(ref _early[i], 0));
    });

    public void Count(Kind kind)
    {
        if (Volatile.Read(ref _counters) is { } counters) counters[(int)kind].Inc();
        else Interlocked.Increment(ref _early[(int)kind]);
    }
}
