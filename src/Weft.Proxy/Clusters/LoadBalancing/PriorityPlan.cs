using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>ROUND_ROBIN, LEAST_REQUEST and RANDOM: which priority, locality and health a request goes to, and the sets that are picked from. Immutable.</summary>
internal sealed class PriorityPlan : BalancerPlan
{
    /// <param name="previous">The plan before: sets that did not change are taken over from it.</param>
    public PriorityPlan(LoadBalancingConfig config, ClusterStats stats, EndpointsSnapshot endpoints, PriorityPlan? previous = null)
    {
        Config = config;
        Stats = stats;
        Loads = PriorityLoads.Of(endpoints, config.PanicThresholdPercent);
        var isSlowStarting = config.SlowStart?.Begin(endpoints) ?? false;
        Zones = ZoneRouting.Create(config, stats, endpoints);
        Priorities = new PlannedPriority[endpoints.Priorities.Count];
        for (var i = 0; i < Priorities.Length; i++)
        {
            Priorities[i] = new PlannedPriority(
                endpoints.Priorities[i],
                config,
                endpoints.OverprovisioningFactor,
                isSlowStarting,
                needsLocalities: i == 0 && Zones is not null,
                i < previous?.Priorities.Length ? previous.Priorities[i] : null);
        }
    }

    public LoadBalancingConfig Config { get; }

    public ClusterStats Stats { get; }

    public PriorityLoads Loads { get; }

    public PlannedPriority[] Priorities { get; }

    /// <summary>For priority 0; null when requests are not kept in the zone.</summary>
    public ZoneRouting? Zones { get; }

    public override LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous) =>
        new PriorityLoadBalancer(this, random, previous as PriorityLoadBalancer);
}
