using System.Collections.Concurrent;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>One method, as it is counted for each cluster that is called: <c>cluster.NAME.grpc.SERVICE.METHOD.*</c>. Any thread.</summary>
/// <param name="name">Behind the cluster's, with what calls it: <c>grpc.SERVICE.METHOD</c>.</param>
internal sealed class GrpcMethod(string name, StatsStore store, EventLoop main)
{
    private readonly ConcurrentDictionary<string, Counts> _counts = new(StringComparer.Ordinal);

    /// <summary>Adds to one of <see cref="GrpcStatNames.MethodCounters"/>.</summary>
    public void Add(ClusterConfig cluster, int member, long count)
    {
        if (_counts.TryGetValue(cluster.StatName, out var counts))
            counts.Counters[member].Add(count);
        else
            main.Post(() => Make(cluster.StatName).Counters[member].Add(count));
    }

    /// <summary>A call has ended with a grpc-status.</summary>
    public void AddStatus(ClusterConfig cluster, ReadOnlySpan<byte> status)
    {
        Add(cluster, GrpcStatNames.Status(status), 1);
        Add(cluster, GrpcStatNames.Outcome(status), 1);
        Add(cluster, GrpcStatNames.Total, 1);
    }

    public void RecordTime(ClusterConfig cluster, long ms)
    {
        if (_counts.TryGetValue(cluster.StatName, out var counts))
            counts.Times[0].Record(ms);
        else
            main.Post(() => Make(cluster.StatName).Times[0].Record(ms));
    }

    /// <summary>Names of statistics are made on the main thread: the first calls are counted there.</summary>
    private Counts Make(string cluster)
    {
        if (_counts.TryGetValue(cluster, out var counts))
            return counts;
        var scope = store.Scope($"cluster.{cluster}.{name}.");
        return _counts[cluster] = new Counts(scope.Counters(GrpcStatNames.MethodCounters), scope.Histograms(GrpcStatNames.MethodTimes, HistogramUnit.Milliseconds));
    }

    private sealed record Counts(CounterFamily Counters, HistogramFamily Times);
}
