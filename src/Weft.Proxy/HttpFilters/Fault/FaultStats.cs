using System.Collections.Concurrent;
using System.Text;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>What a fault filter counts, under <c>http.PREFIX.fault.</c>, and the calling clusters it has met. Any thread.</summary>
internal sealed class FaultStats
{
    /// <summary>Names come from a request header: more of them are served, but not remembered or counted.</summary>
    private const int MaxClusters = 1000;

    private const int MaxNameBytes = 256;

    private readonly ConcurrentDictionary<string, DownstreamCluster> _clusters = new(StringComparer.Ordinal);
    private readonly StatsScope _scope;
    private readonly EventLoop _main;
    private long _active;

    public FaultStats(StatsStore store, string prefix, EventLoop main)
    {
        _main = main;
        _scope = store.Scope($"http.{prefix}.fault.");
        AbortsInjected = _scope.Counter("aborts_injected");
        DelaysInjected = _scope.Counter("delays_injected");
        FaultsOverflow = _scope.Counter("faults_overflow");
        ResponseRateInjected = _scope.Counter("response_rl_injected");
        ActiveFaults = _scope.Gauge("active_faults");
        DownstreamClustersDropped = _scope.Counter("downstream_clusters_dropped");
    }

    public Counter AbortsInjected { get; }

    public Counter DelaysInjected { get; }

    public Counter FaultsOverflow { get; }

    public Counter ResponseRateInjected { get; }

    public Gauge ActiveFaults { get; }

    /// <summary>Requests of calling clusters that are not counted by themselves: there are too many names, or one is too long. Weft's own.</summary>
    public Counter DownstreamClustersDropped { get; }

    /// <summary>Counts a fault as active; false, counted, when there are <paramref name="limit"/> already.</summary>
    public bool TryBegin(ulong limit)
    {
        if ((ulong)Interlocked.Read(ref _active) >= limit)
        {
            FaultsOverflow.Inc();
            return false;
        }

        Interlocked.Increment(ref _active);
        ActiveFaults.Inc();
        return true;
    }

    public void End()
    {
        Interlocked.Decrement(ref _active);
        ActiveFaults.Dec();
    }

    /// <summary>The calling cluster of a name; allocates only when it is new.</summary>
    public DownstreamCluster ClusterOf(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[MaxNameBytes];
        if (name.Length > MaxNameBytes)
        {
            DownstreamClustersDropped.Inc();
            return new DownstreamCluster(Encoding.UTF8.GetString(name));
        }

        var known = text[..Encoding.UTF8.GetChars(name, text)];
        if (_clusters.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(known, out var cluster))
            return cluster;
        cluster = new DownstreamCluster(known.ToString());
        if (_clusters.Count < MaxClusters)
            return _clusters.GetOrAdd(cluster.Name, cluster);
        DownstreamClustersDropped.Inc();
        return cluster;
    }

    public void CountAbort(DownstreamCluster? cluster)
    {
        AbortsInjected.Inc();
        if (cluster?.Stats is { } stats)
            stats.AbortsInjected.Inc();
        else if (cluster is not null)
            Make(cluster, static stats => stats.AbortsInjected.Inc());
    }

    public void CountDelay(DownstreamCluster? cluster)
    {
        DelaysInjected.Inc();
        if (cluster?.Stats is { } stats)
            stats.DelaysInjected.Inc();
        else if (cluster is not null)
            Make(cluster, static stats => stats.DelaysInjected.Inc());
    }

    /// <summary>Names of statistics are made on the main thread: the first faults of a cluster are counted there.</summary>
    private void Make(DownstreamCluster cluster, Action<DownstreamCluster.Counters> count)
    {
        if (!_clusters.ContainsKey(cluster.Name))
            return;
        _main.Post(() =>
        {
            cluster.Stats ??= new DownstreamCluster.Counters(_scope.Counter($"{cluster.Name}.aborts_injected"), _scope.Counter($"{cluster.Name}.delays_injected"));
            count(cluster.Stats);
        });
    }
}
