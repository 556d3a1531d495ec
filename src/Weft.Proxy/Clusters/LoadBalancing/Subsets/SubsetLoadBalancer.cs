using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing.Subsets;

/// <summary>Picks from the subset that a request's criteria lead to. What they lead to is remembered per route, so a pick costs one look-up more. Worker thread.</summary>
internal sealed class SubsetLoadBalancer : LoadBalancer
{
    /// <summary>Beyond so many, criteria of routes that are gone are forgotten.</summary>
    private const int MaxChoices = 10_000;

    private readonly SubsetPlan _plan;
    private readonly RandomSource _random;
    private readonly Dictionary<MetadataCriteria, SubsetChoice> _choices = [];
    private readonly Dictionary<SubsetPlan.Subset, LoadBalancer> _balancers = [];

    public SubsetLoadBalancer(SubsetPlan plan, RandomSource random, SubsetLoadBalancer? previous)
    {
        _plan = plan;
        _random = random;
        if (previous is null)
            return;
        foreach (var (before, balancer) in previous._balancers)
        {
            if (plan.Successor(before) is { Plan: { } inner } subset)
                _balancers.Add(subset, ReferenceEquals(subset, before) ? balancer : inner.CreateBalancer(random, balancer));
        }
    }

    public override Endpoint? Pick(in LoadBalancerContext context)
    {
        var choice = ChoiceOf(context.MetadataMatch);
        if (choice.Alternatives.Length == 0)
            return Pick(choice, context);
        foreach (var alternative in choice.Alternatives)
        {
            if (Pick(alternative, context) is { } endpoint)
                return endpoint;
        }
        return null;
    }

    private SubsetChoice ChoiceOf(MetadataCriteria? criteria)
    {
        if (criteria is null)
            return SubsetChoice.OfCluster;
        if (!criteria.IsShared)
            return SubsetChoice.Of(criteria, _plan);
        if (_choices.TryGetValue(criteria, out var choice))
            return choice;
        if (_choices.Count == MaxChoices)
            _choices.Clear();
        _choices.Add(criteria, choice = SubsetChoice.Of(criteria, _plan));
        return choice;
    }

    private Endpoint? Pick(SubsetChoice choice, in LoadBalancerContext context)
    {
        if (!choice.IsFinal)
            return PickFallback(context);
        if (choice.IsSelected)
            _plan.Stats.LbSubsetsSelected.Inc();
        return PickFrom(choice.Subset, context);
    }

    private Endpoint? PickFallback(in LoadBalancerContext context)
    {
        if (_plan.Config.Fallback == SubsetFallback.NoFallback)
            return null;
        if (PickFrom(_plan.Config.Fallback == SubsetFallback.AnyEndpoint ? _plan.Any : _plan.Default, context) is { } endpoint)
        {
            _plan.Stats.LbSubsetsFallback.Inc();
            return endpoint;
        }
        if (!_plan.Config.PanicModeAny || PickFrom(_plan.Any, context) is not { } any)
            return null;
        _plan.Stats.LbSubsetsFallbackPanic.Inc();
        return any;
    }

    private Endpoint? PickFrom(SubsetPlan.Subset? subset, in LoadBalancerContext context)
    {
        if (subset?.Plan is null)
            return subset?.Single;
        if (!_balancers.TryGetValue(subset, out var balancer))
            _balancers.Add(subset, balancer = subset.Plan.CreateBalancer(_random, null));
        return balancer.Pick(context);
    }
}
