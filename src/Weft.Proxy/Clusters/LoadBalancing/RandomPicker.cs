using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>RANDOM: each endpoint with the same chance. Weights do not count, as in Envoy.</summary>
internal sealed class RandomPicker(Endpoint[] endpoints, RandomSource random) : EndpointPicker(endpoints)
{
    public static EndpointPicker Create(PlannedSet set, LoadBalancingConfig config, RandomSource random, EndpointPicker? previous) => new RandomPicker(set.Endpoints, random);

    public override Endpoint Pick(in LoadBalancerContext context) => Endpoints[random.Next((uint)Endpoints.Length)];
}
