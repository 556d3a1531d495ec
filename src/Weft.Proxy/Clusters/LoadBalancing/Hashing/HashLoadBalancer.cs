using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>Consistent hashing on one worker: the request's hash decides the priority and the endpoint; without one a random number does.</summary>
internal sealed class HashLoadBalancer(HashPlan plan, RandomSource random) : LoadBalancer
{
    public override Endpoint? Pick(in LoadBalancerContext context)
    {
        var hash = context.Hash ?? random.Next();
        var priority = plan.Loads.Choose(hash, context, out _);
        if (priority < 0)
            return null;
        if (plan.Loads.IsPanic(priority))
            plan.PanicPicks.Inc();
        var table = plan.TableOf(priority);
        var attempts = context.FurtherAttempts;
        for (var attempt = 0; ; attempt++)
        {
            var endpoint = table.Find(hash, attempt);
            if (endpoint is null || attempt >= attempts || !context.Rejects(endpoint))
                return endpoint;
        }
    }
}
