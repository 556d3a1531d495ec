using Weft.Base;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.CircuitBreaking;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>RING_HASH and MAGLEV: a table per priority, made once for all workers. Immutable.</summary>
internal sealed class HashPlan : BalancerPlan
{
    private readonly HashTable[] _tables;

    public HashPlan(LoadBalancingConfig config, Counter panicPicks, CircuitBreakers active, EndpointsSnapshot endpoints)
    {
        Loads = new PriorityLoads(endpoints, config.PanicThresholdPercent);
        PanicPicks = panicPicks;
        _tables = new HashTable[endpoints.Priorities.Count];
        for (var i = 0; i < _tables.Length; i++)
        {
            var weights = NormalizedWeights.Of(endpoints.Priorities[i], Loads.IsPanic(i), config.IsLocalityWeighted);
            HashTable table = config.Policy == LbPolicy.RingHash
                ? new HashRing(weights, config.RingHash)
                : new MaglevTable(weights, config.Maglev);
            _tables[i] = config.HashBalanceFactor == 0 ? table : new BoundedLoadTable(table, weights, config.HashBalanceFactor, active);
        }
    }

    public PriorityLoads Loads { get; }

    public Counter PanicPicks { get; }

    public HashTable TableOf(int priority) => _tables[priority];

    public override LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous) => new HashLoadBalancer(this, random);
}
