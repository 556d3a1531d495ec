using Weft.Base;
using Weft.Proxy.Clusters.CircuitBreaking;

namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>
/// Subset load balancing: the cluster's policy once for each combination of metadata values that selectors ask for, and
/// for the fallbacks. Immutable, shared by all workers.
/// </summary>
internal sealed class SubsetPlan : BalancerPlan
{
    private const string AnyKey = "any";
    private const string DefaultKey = "default";

    private readonly Dictionary<string, Subset> _subsets = [];
    private readonly EndpointsSnapshot _endpoints;
    private readonly SubsetMembers _members;
    private readonly CircuitBreakers _active;
    private readonly LoadBalancingConfig _inner;
    private readonly bool _keepsUntouched;

    /// <param name="previous">The plan before; what did not change is taken over from it.</param>
    public SubsetPlan(LoadBalancingConfig config, ClusterStats stats, CircuitBreakers active, EndpointsSnapshot endpoints, SubsetPlan? previous)
    {
        Config = config.Subsets!;
        (Stats, _active) = (stats, active);
        _endpoints = endpoints;
        _inner = config with { Subsets = null };
        _members = previous is not null && AreSame(previous._endpoints, endpoints, static priority => priority.All) ? previous._members : new SubsetMembers(Config, endpoints, previous?._members);
        _keepsUntouched = previous is not null && KeepsUntouched(previous);
        foreach (var (key, members) in _members.Subsets)
            _subsets.Add(key, members.IsSingleHost ? Single(key, members.First!, previous?.Find(key)) : Make(key, members.ByPriority, previous?.Find(key)));
        if (Config.PanicModeAny || Uses(SubsetFallback.AnyEndpoint))
            Any = Make(AnyKey, [.. endpoints.Priorities.Select(static priority => priority.All)], previous?.Any);
        if (Uses(SubsetFallback.DefaultSubset))
            Default = Make(DefaultKey, _members.Default, previous?.Default);
        Count(previous);
    }

    public SubsetConfig Config { get; }

    public ClusterStats Stats { get; }

    /// <summary>All endpoints; null when nothing falls back to them.</summary>
    public Subset? Any { get; }

    /// <summary>The default subset; null when nothing falls back to it.</summary>
    public Subset? Default { get; }

    /// <summary>The subset of criteria by their text; null when no endpoint is in it.</summary>
    public Subset? Find(string criteria) => _subsets.GetValueOrDefault(criteria);

    /// <summary>What a subset of the plan before is in this one; null when it is gone.</summary>
    public Subset? Successor(Subset before) => before.Key switch
    {
        AnyKey => Any,
        DefaultKey => Default,
        _ => Find(before.Key),
    };

    public override LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous) => new SubsetLoadBalancer(this, random, previous as SubsetLoadBalancer);

    private bool Uses(SubsetFallback fallback) => Config.Fallback == fallback || Config.Selectors.Any(selector => selector.Fallback == fallback);

    private static bool AreSame(EndpointsSnapshot one, EndpointsSnapshot other, Func<EndpointsOfPriority, object> part) =>
        one.Priorities.Count == other.Priorities.Count && one.Priorities.Zip(other.Priorities).All(pair => ReferenceEquals(part(pair.First), part(pair.Second)));

    /// <summary>The policy over a subset depends on nothing but the subset: not on time, not on another cluster.</summary>
    private bool KeepsUntouched(SubsetPlan previous) =>
        _inner is { SlowStart: null, LocalCluster: null } && _inner.Equals(previous._inner)
        && (_endpoints.OverprovisioningFactor, _endpoints.WeightedPriorityHealth) == (previous._endpoints.OverprovisioningFactor, previous._endpoints.WeightedPriorityHealth);

    private static Subset Single(string key, Endpoint endpoint, Subset? previous) => ReferenceEquals(previous?.Single, endpoint) ? previous! : new Subset(key, endpoint);

    /// <summary>A subset over several endpoints; the one before when nothing has changed in it.</summary>
    private Subset Make(string key, Endpoint[][] byPriority, Subset? previous)
    {
        var before = previous?.Endpoints ?? EndpointsSnapshot.Empty;
        var snapshot = SubsetEndpoints.Build(byPriority, _endpoints, Config, before);
        return _keepsUntouched && previous?.Plan is not null && AreSame(before, snapshot, static priority => priority)
            ? previous
            : new Subset(key, snapshot, Create(_inner, Stats, _active, snapshot, previous?.Plan));
    }

    private void Count(SubsetPlan? previous)
    {
        var created = _subsets.Keys.Count(key => previous?.Find(key) is null);
        var removed = previous?._subsets.Keys.Count(key => Find(key) is null) ?? 0;
        Stats.LbSubsetsCreated.Add(created);
        Stats.LbSubsetsRemoved.Add(removed);
        Stats.LbSubsetsActive.Set(_subsets.Count);
        Stats.LbSubsetsSingleHostPerSubsetDuplicate.Set(_members.SingleHostDuplicates);
    }

    /// <summary>One subset: a policy over its endpoints, or a single endpoint.</summary>
    internal sealed class Subset
    {
        public Subset(string key, Endpoint single)
        {
            Key = key;
            Single = single;
        }

        public Subset(string key, EndpointsSnapshot endpoints, BalancerPlan plan)
        {
            Key = key;
            Endpoints = endpoints;
            Plan = plan;
        }

        /// <summary>The text of its criteria, or the name of a fallback.</summary>
        public string Key { get; }

        public Endpoint? Single { get; }

        public EndpointsSnapshot? Endpoints { get; }

        public BalancerPlan? Plan { get; }
    }
}
