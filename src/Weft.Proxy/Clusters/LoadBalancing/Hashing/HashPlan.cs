using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.CircuitBreaking;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>RING_HASH and MAGLEV: a table per priority, made once for all workers. Immutable.</summary>
internal sealed class HashPlan : BalancerPlan
{
    private readonly LoadBalancingConfig _config;
    private readonly Priority[] _priorities;

    /// <param name="config">The policy and its configuration.</param>
    /// <param name="panicPicks">Counts picks in panic.</param>
    /// <param name="active">Knows how many requests are active in the cluster.</param>
    /// <param name="endpoints">What to choose from.</param>
    /// <param name="previous">The plan before: tables are made of its tables, or taken over.</param>
    public HashPlan(LoadBalancingConfig config, Counter panicPicks, CircuitBreakers active, EndpointsSnapshot endpoints, HashPlan? previous = null)
    {
        _config = config;
        Loads = PriorityLoads.Of(endpoints, config.PanicThresholdPercent);
        PanicPicks = panicPicks;
        _priorities = new Priority[endpoints.Priorities.Count];
        for (var i = 0; i < _priorities.Length; i++)
            _priorities[i] = PriorityOf(endpoints.Priorities[i], Loads.IsPanic(i), active, previous, i);
    }

    public PriorityLoads Loads { get; }

    public Counter PanicPicks { get; }

    public HashTable TableOf(int priority) => _priorities[priority].Bounded;

    public override LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous) => new HashLoadBalancer(this, random);

    private Priority PriorityOf(EndpointsOfPriority endpoints, bool isPanic, CircuitBreakers active, HashPlan? previous, int number)
    {
        var before = number < previous?._priorities.Length ? previous._priorities[number] : null;
        if (before is not null && ReferenceEquals(endpoints, before.Endpoints) && isPanic == before.IsPanic && _config.Equals(previous!._config))
            return before;
        var weights = NormalizedWeights.Of(endpoints, isPanic, _config.IsLocalityWeighted);
        HashTable table = _config.Policy == LbPolicy.RingHash
            ? new HashRing(weights, _config.RingHash, before?.Table as HashRing)
            : new MaglevTable(weights, _config.Maglev, before?.Table as MaglevTable);
        return new Priority(endpoints, isPanic, table, _config.HashBalanceFactor == 0 ? table : new BoundedLoadTable(table, weights, _config.HashBalanceFactor, active));
    }

    /// <summary>A table and what it was made of.</summary>
    private sealed record Priority(EndpointsOfPriority Endpoints, bool IsPanic, HashTable Table, HashTable Bounded);
}
