using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>ROUND_ROBIN: endpoints take turns, from a random start; with unequal weights each as often as its weight says.</summary>
internal static class RoundRobinPicker
{
    public static EndpointPicker Create(Endpoint[] endpoints, LoadBalancingConfig config, RandomSource random) =>
        EdfScheduler.HaveEqualWeights(endpoints) ? new Equal(endpoints, random) : new Weighted(endpoints, random);

    private sealed class Equal(Endpoint[] endpoints, RandomSource random) : EndpointPicker
    {
        private uint _next = random.Next((uint)endpoints.Length);

        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var endpoint = endpoints[_next];
            if (++_next == (uint)endpoints.Length)
                _next = 0;
            return endpoint;
        }
    }

    private sealed class Weighted(Endpoint[] endpoints, RandomSource random) : EndpointPicker
    {
        private readonly EdfScheduler _scheduler = EdfScheduler.Of(endpoints, random);

        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var endpoint = endpoints[_scheduler.Next];
            _scheduler.Reschedule(endpoint.Weight);
            return endpoint;
        }
    }
}
