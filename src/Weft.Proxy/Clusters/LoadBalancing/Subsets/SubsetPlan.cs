using Weft.Base;

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

    /// <param name="previous">The plan before; what did not change is taken over from it.</param>
    public SubsetPlan(LoadBalancingConfig config, ClusterConfig cluster, EndpointsSnapshot endpoints, SubsetPlan? previous)
    {
        Config = config.Subsets!;
        Stats = cluster.Stats;
        _endpoints = endpoints;
        _members = previous is not null && HasSameEndpoints(previous._endpoints, endpoints) ? previous._members : new SubsetMembers(Config, endpoints);
        var inner = config with { Subsets = null };
        foreach (var (key, members) in _members.Subsets)
            _subsets.Add(key, Make(key, members.Endpoints, members.IsSingleHost, inner, cluster, previous?.Find(key)));
        if (Config.PanicModeAny || Uses(SubsetFallback.AnyEndpoint))
            Any = Make(AnyKey, endpoints.Priorities.SelectMany(static priority => priority.All), false, inner, cluster, previous?.Any);
        if (Uses(SubsetFallback.DefaultSubset))
            Default = Make(DefaultKey, endpoints.Priorities.SelectMany(static priority => priority.All).Where(endpoint => Config.DefaultSubset.IsMetBy(endpoint, Config.ListAsAny)), false, inner, cluster, previous?.Default);
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

    private static bool HasSameEndpoints(EndpointsSnapshot one, EndpointsSnapshot other) =>
        one.Priorities.Count == other.Priorities.Count && one.Priorities.Zip(other.Priorities).All(static pair => ReferenceEquals(pair.First.All, pair.Second.All));

    private Subset Make(string key, IEnumerable<Endpoint> endpoints, bool isSingleHost, LoadBalancingConfig inner, ClusterConfig cluster, Subset? previous)
    {
        if (isSingleHost)
            return new Subset(key, endpoints.First());
        var snapshot = SubsetEndpoints.Build(endpoints, _endpoints, Config, previous?.Endpoints ?? EndpointsSnapshot.Empty);
        return new Subset(key, snapshot, Create(inner, cluster, snapshot, previous?.Plan));
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
