using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>ROUND_ROBIN: endpoints take turns, from a random start; with unequal weights each as often as its weight says.</summary>
internal static class RoundRobinPicker
{
    public static EndpointPicker Create(PlannedSet set, LoadBalancingConfig config, RandomSource random) =>
        set.IsWeighted ? new Weighted(set.Endpoints, config.SlowStart, random) : new Equal(set.Endpoints, random);

    private sealed class Equal(Endpoint[] endpoints, RandomSource random) : EndpointPicker(endpoints)
    {
        private uint _next = random.Next((uint)endpoints.Length);

        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var endpoint = Endpoints[_next];
            if (++_next == (uint)Endpoints.Length)
                _next = 0;
            return endpoint;
        }
    }

    private sealed class Weighted(Endpoint[] endpoints, SlowStart? slowStart, RandomSource random) : EndpointPicker(endpoints)
    {
        private readonly EdfScheduler _scheduler = EdfScheduler.Of(endpoints, random);

        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var endpoint = Endpoints[_scheduler.Next];
            _scheduler.Reschedule(slowStart is null ? endpoint.Weight : endpoint.Weight * slowStart.FactorOf(endpoint));
            return endpoint;
        }
    }
}
