using Weft.Base;
using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// Chooses a priority and which of its endpoints count, then leaves the rest to the policy's <see cref="EndpointPicker"/>.
/// Worker thread.
/// </summary>
internal sealed class PriorityLoadBalancer : LoadBalancer
{
    /// <summary>Further picks that try to avoid an endpoint, before any other one is taken.</summary>
    private const int AvoidAttempts = 3;

    private readonly RandomSource _random;
    private readonly PriorityLoads _loads;
    private readonly PrioritySets[] _priorities;
    private readonly Counter _panicPicks;

    public PriorityLoadBalancer(ClusterConfig cluster, EndpointsSnapshot endpoints, RandomSource random)
        : this(cluster.LoadBalancing.With(cluster.Runtime.Current), cluster.Stats.LbHealthyPanic, endpoints, random)
    {
    }

    internal PriorityLoadBalancer(LoadBalancingConfig config, Counter panicPicks, EndpointsSnapshot endpoints, RandomSource random)
    {
        _random = random;
        _panicPicks = panicPicks;
        _loads = new PriorityLoads(endpoints, config.PanicThresholdPercent);
        _priorities = new PrioritySets[endpoints.Priorities.Count];
        for (var i = 0; i < _priorities.Length; i++)
        {
            var priority = endpoints.Priorities[i];
            _priorities[i] = new PrioritySets(
                new EndpointSet(priority.Healthy, config, random),
                new EndpointSet(priority.Degraded, config, random),
                new EndpointSet(priority.All, config, random));
        }
    }

    public override Endpoint? Pick(in LoadBalancerContext context)
    {
        var priority = _loads.Choose(_random.Next(), out var selection);
        if (priority < 0)
            return null;
        if (selection == EndpointSelection.All)
            _panicPicks.Inc();
        var set = _priorities[priority].Of(selection);
        if (set.Picker is null)
            return null;
        var endpoint = set.Picker.Pick(context);
        return ReferenceEquals(endpoint, context.Avoid) ? PickAnother(set, context) : endpoint;
    }

    private Endpoint PickAnother(in EndpointSet set, in LoadBalancerContext context)
    {
        for (var i = 0; i < AvoidAttempts; i++)
        {
            var endpoint = set.Picker!.Pick(context);
            if (!ReferenceEquals(endpoint, context.Avoid))
                return endpoint;
        }
        // A heavy endpoint can come up again and again: take a neighbour instead.
        var endpoints = set.Endpoints;
        var start = (int)_random.Next((uint)endpoints.Length);
        return !ReferenceEquals(endpoints[start], context.Avoid) ? endpoints[start] : endpoints[(start + 1) % endpoints.Length];
    }

    /// <summary>A set of endpoints with the state of its policy; no picker when it is empty.</summary>
    private readonly struct EndpointSet(Endpoint[] endpoints, LoadBalancingConfig config, RandomSource random)
    {
        public readonly Endpoint[] Endpoints = endpoints;
        public readonly EndpointPicker? Picker = endpoints.Length == 0 ? null : LoadBalancerRegistry.Create(endpoints, config, random);
    }

    private sealed class PrioritySets(EndpointSet healthy, EndpointSet degraded, EndpointSet all)
    {
        private readonly EndpointSet _healthy = healthy;
        private readonly EndpointSet _degraded = degraded;
        private readonly EndpointSet _all = all;

        public ref readonly EndpointSet Of(EndpointSelection selection)
        {
            switch (selection)
            {
                case EndpointSelection.Healthy: return ref _healthy;
                case EndpointSelection.Degraded: return ref _degraded;
                default: return ref _all;
            }
        }
    }
}
