using Weft.Proxy.Runtime;

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

    /// <summary>Overrides <see cref="ActiveRequestBias"/> at run time; "" when none is given.</summary>
    public string ActiveRequestBiasKey { get; init; } = "";

    /// <summary>With what runtime says now. Balancers ask when they are made, that is with every change of the endpoints, as in Envoy. Any thread.</summary>
    public LoadBalancingConfig With(RuntimeSnapshot runtime)
    {
        var panic = (int)Math.Min(100, runtime.GetInteger("upstream.healthy_panic_threshold", (ulong)PanicThresholdPercent));
        var bias = ActiveRequestBiasKey.Length == 0 ? ActiveRequestBias : runtime.GetDouble(ActiveRequestBiasKey, ActiveRequestBias);
        // Below zero would favour the busy: Envoy uses 1.0 then, too.
        return this with { PanicThresholdPercent = panic, ActiveRequestBias = bias >= 0 ? bias : 1.0 };
    }
}
