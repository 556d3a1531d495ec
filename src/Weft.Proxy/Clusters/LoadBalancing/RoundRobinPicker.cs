using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>ROUND_ROBIN: endpoints take turns, from a random start; with unequal weights each as often as its weight says.</summary>
internal static class RoundRobinPicker
{
    public static EndpointPicker Create(PlannedSet set, LoadBalancingConfig config, RandomSource random, EndpointPicker? previous) =>
        set.IsWeighted ? new Weighted(set.Endpoints, config.SlowStart, random, previous as Weighted) : new Equal(set.Endpoints, random, previous as Equal);

    private sealed class Equal(Endpoint[] endpoints, RandomSource random, Equal? previous) : EndpointPicker(endpoints)
    {
        private uint _next = previous is null ? random.Next((uint)endpoints.Length) : previous._next % (uint)endpoints.Length;

        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var endpoint = Endpoints[_next];
            if (++_next == (uint)Endpoints.Length)
                _next = 0;
            return endpoint;
        }
    }

    private sealed class Weighted(Endpoint[] endpoints, SlowStart? slowStart, RandomSource random, Weighted? previous) : WeightedPicker(endpoints, slowStart, random, previous);
}
