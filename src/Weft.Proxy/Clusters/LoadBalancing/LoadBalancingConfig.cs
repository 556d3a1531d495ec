namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>How a cluster's endpoints are chosen from: lb_policy or load_balancing_policy, with common_lb_config. Immutable.</summary>
public sealed record LoadBalancingConfig
{
    public LbPolicy Policy { get; init; }

    /// <summary>common_lb_config.healthy_panic_threshold in whole percent; default 50; 0: never panic.</summary>
    public int PanicThresholdPercent { get; init; } = 50;

    /// <summary>LEAST_REQUEST, equal weights: endpoints to draw and compare. Default 2.</summary>
    public int ChoiceCount { get; init; } = 2;

    /// <summary>LEAST_REQUEST, unequal weights: the weight is divided by (active requests + 1) to this power. Default 1.</summary>
    public double ActiveRequestBias { get; init; } = 1.0;
}
