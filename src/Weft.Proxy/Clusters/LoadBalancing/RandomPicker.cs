using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>RANDOM: each endpoint with the same chance. Weights do not count, as in Envoy.</summary>
internal sealed class RandomPicker(Endpoint[] endpoints, RandomSource random) : EndpointPicker
{
    public static EndpointPicker Create(Endpoint[] endpoints, LoadBalancingConfig config, RandomSource random) => new RandomPicker(endpoints, random);

    public override Endpoint Pick(in LoadBalancerContext context) => endpoints[random.Next((uint)endpoints.Length)];
}
