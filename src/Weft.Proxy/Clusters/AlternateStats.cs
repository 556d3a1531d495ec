using System.Collections.Concurrent;
using System.Text;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Clusters;

/// <summary>
/// Second trees of a cluster's responses, <c>cluster.NAME.ALTERNATE.upstream_rq_*</c>, for requests that name one (x-envoy-upstream-alt-stat-name).
/// Because requests make the names there are only so many; what is beyond counts in <c>cluster.NAME.alt_stat_names_dropped</c> (Weft's own). Any worker.
/// </summary>
/// <param name="scope">Of the cluster.</param>
/// <param name="main">The main thread's loop, where names are made.</param>
internal sealed class AlternateStats(StatsScope scope, EventLoop main)
{
    private const int MaxNames = 100;
    private const int MaxNameBytes = 256;

    // Made by the first request that has the header: few clusters ever have one.
    private ConcurrentDictionary<string, AlternateTree>? _trees;
    private Counter? _dropped;

    /// <summary>The tree of a name, allocated when it is new; null when there are too many, or the name is too long.</summary>
    public AlternateTree? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[MaxNameBytes];
        if (name.IsEmpty)
            return null;
        if (name.Length > MaxNameBytes)
            return Drop();
        var trees = Volatile.Read(ref _trees) ?? MakeTrees();
        var known = text[..Encoding.UTF8.GetChars(name, text)];
        if (trees.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(known, out var tree))
            return tree;
        if (trees.Count >= MaxNames)
            return Drop();
        var made = new AlternateTree(scope, known.ToString(), main);
        return trees.GetOrAdd(made.Name, made);
    }

    private ConcurrentDictionary<string, AlternateTree> MakeTrees()
    {
        var made = new ConcurrentDictionary<string, AlternateTree>(StringComparer.Ordinal);
        return Interlocked.CompareExchange(ref _trees, made, null) ?? made;
    }

    private AlternateTree? Drop()
    {
        main.Post(() => (_dropped ??= scope.Counter("alt_stat_names_dropped")).Inc());
        return null;
    }
}

/// <summary>One such tree; its statistics are made on the main thread when the first response counts. Any worker.</summary>
internal sealed class AlternateTree(StatsScope scope, string name, EventLoop main)
{
    private Groups? _groups;

    public string Name => name;

    /// <summary>Counts a response as <see cref="ClusterStats.ChargeResponse"/> does.</summary>
    public void Charge(int status, long durationMs, bool isInternal, bool isCanary, bool countsCodes)
    {
        if (Volatile.Read(ref _groups) is { } groups)
        {
            groups.Charge(status, durationMs, isInternal, isCanary, countsCodes);
            return;
        }

        main.Post(() =>
        {
            if (_groups is null)
                Volatile.Write(ref _groups, new Groups(scope.Scope(name + ".")));
            _groups!.Charge(status, durationMs, isInternal, isCanary, countsCodes);
        });
    }

    /// <summary>Published as a whole.</summary>
    private sealed class Groups(StatsScope scope)
    {
        private readonly ResponseGroups _responses = new(scope);

        public void Charge(int status, long durationMs, bool isInternal, bool isCanary, bool countsCodes)
        {
            _responses.Complete(ResponseStatNames.Plain);
            _responses.Charge(status, durationMs, isInternal, isCanary, countsCodes);
        }
    }
}
