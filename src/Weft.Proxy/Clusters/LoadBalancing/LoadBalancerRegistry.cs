using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Which policy makes which picker.</summary>
internal static class LoadBalancerRegistry
{
    private static readonly (LbPolicy Policy, EndpointPickerFactory Create)[] Policies =
    [
        (LbPolicy.RoundRobin, RoundRobinPicker.Create),
        (LbPolicy.LeastRequest, LeastRequestPicker.Create),
        (LbPolicy.Random, RandomPicker.Create),
    ];

    /// <summary>The picker of a policy; a policy that is not implemented was refused with the configuration, and picks by turns if that was allowed.</summary>
    public static EndpointPicker Create(PlannedSet set, LoadBalancingConfig config, RandomSource random, EndpointPicker? previous)
    {
        foreach (var (policy, create) in Policies)
        {
            if (policy == config.Policy)
                return create(set, config, random, previous);
        }
        return RoundRobinPicker.Create(set, config, random, previous);
    }
}
