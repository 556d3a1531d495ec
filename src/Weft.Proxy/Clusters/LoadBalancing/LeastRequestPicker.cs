using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// LEAST_REQUEST. Equal weights: the least busy of a few drawn at random, which is close to the best at O(1). Unequal
/// weights: as weighted round robin, each weight divided by how busy its endpoint is.
/// </summary>
internal static class LeastRequestPicker
{
    public static EndpointPicker Create(Endpoint[] endpoints, LoadBalancingConfig config, RandomSource random) =>
        EdfScheduler.HaveEqualWeights(endpoints)
            ? new Equal(endpoints, config.ChoiceCount, random)
            : new Weighted(endpoints, config.ActiveRequestBias, random);

    private sealed class Equal(Endpoint[] endpoints, int choiceCount, RandomSource random) : EndpointPicker
    {
        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var best = Draw();
            var bestActive = Volatile.Read(ref best.ActiveRequests);
            for (var i = 1; i < choiceCount; i++)
            {
                var other = Draw();
                var active = Volatile.Read(ref other.ActiveRequests);
                if (active >= bestActive)
                    continue;
                best = other;
                bestActive = active;
            }
            return best;
        }

        private Endpoint Draw() => endpoints[random.Next((uint)endpoints.Length)];
    }

    private sealed class Weighted(Endpoint[] endpoints, double bias, RandomSource random) : EndpointPicker
    {
        private readonly EdfScheduler _scheduler = EdfScheduler.Of(endpoints, random);

        public override Endpoint Pick(in LoadBalancerContext context)
        {
            var endpoint = endpoints[_scheduler.Next];
            _scheduler.Reschedule(EffectiveWeight(endpoint));
            return endpoint;
        }

        private double EffectiveWeight(Endpoint endpoint)
        {
            if (bias == 0)
                return endpoint.Weight;
            var busy = Math.Max(0, Volatile.Read(ref endpoint.ActiveRequests)) + 1.0;
            return endpoint.Weight / (bias == 1 ? busy : Math.Pow(busy, bias));
        }
    }
}
