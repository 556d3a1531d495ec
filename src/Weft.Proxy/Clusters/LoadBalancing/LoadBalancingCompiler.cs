using Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3;
using Envoy.Extensions.LoadBalancingPolicies.RoundRobin.V3;
using Weft.Config;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Makes a <see cref="LoadBalancingConfig"/> of a cluster's message: load_balancing_policy, else lb_policy with lb_config. Main thread.</summary>
internal static class LoadBalancingCompiler
{
    public static LoadBalancingConfig Compile(ClusterMessage config, ConfigContext context)
    {
        var common = new LoadBalancingConfig { PanicThresholdPercent = PanicThreshold(config) };
        if (config.LoadBalancingPolicy is not null)
            return FromPolicies(common, config, context);
        switch (config.LbPolicy)
        {
            case ClusterMessage.Types.LbPolicy.LoadBalancingPolicyConfig:
                context.Error(config, "load_balancing_policy", "cluster: field load_balancing_policy need to be set");
                return common;
            case ClusterMessage.Types.LbPolicy.LeastRequest:
                return FromLeastRequest(common, config.LeastRequestLbConfig?.ChoiceCount, config.LeastRequestLbConfig?.ActiveRequestBias);
            case ClusterMessage.Types.LbPolicy.Random:
                return common with { Policy = LbPolicy.Random };
            case ClusterMessage.Types.LbPolicy.RingHash:
                return common with { Policy = LbPolicy.RingHash };
            case ClusterMessage.Types.LbPolicy.Maglev:
                return common with { Policy = LbPolicy.Maglev };
            case ClusterMessage.Types.LbPolicy.ClusterProvided:
                return common with { Policy = LbPolicy.ClusterProvided };
            default:
                return common;
        }
    }

    private static int PanicThreshold(ClusterMessage config) =>
        config.CommonLbConfig?.HealthyPanicThreshold is { } percent ? (int)Math.Round(Math.Clamp(percent.Value, 0, 100)) : 50;

    /// <summary>The first policy that is known here, as the API says.</summary>
    private static LoadBalancingConfig FromPolicies(LoadBalancingConfig common, ClusterMessage config, ConfigContext context)
    {
        foreach (var policy in config.LoadBalancingPolicy.Policies)
        {
            switch (context.Unpack(policy.TypedExtensionConfig?.TypedConfig))
            {
                case RoundRobin:
                    return common with { Policy = LbPolicy.RoundRobin };
                case LeastRequest leastRequest:
                    return FromLeastRequest(common, leastRequest.ChoiceCount, leastRequest.ActiveRequestBias);
                case Envoy.Extensions.LoadBalancingPolicies.Random.V3.Random:
                    return common with { Policy = LbPolicy.Random };
            }
        }
        var names = string.Join(", ", config.LoadBalancingPolicy.Policies.Select(policy => policy.TypedExtensionConfig?.Name));
        context.Error(config, "load_balancing_policy", $"cluster: didn't find a registered load balancer factory implementation for cluster: '{config.Name}' with names from [{names}]");
        return common;
    }

    private static LoadBalancingConfig FromLeastRequest(LoadBalancingConfig common, uint? choiceCount, Envoy.Config.Core.V3.RuntimeDouble? bias) => common with
    {
        Policy = LbPolicy.LeastRequest,
        ChoiceCount = (int)Math.Min(choiceCount ?? 2, int.MaxValue),
        ActiveRequestBias = bias?.DefaultValue ?? 1.0,
        ActiveRequestBiasKey = bias?.RuntimeKey ?? "",
    };
}
