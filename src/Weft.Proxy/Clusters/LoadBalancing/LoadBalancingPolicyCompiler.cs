using Envoy.Extensions.LoadBalancingPolicies.ClusterProvided.V3;
using Envoy.Extensions.LoadBalancingPolicies.Common.V3;
using Envoy.Extensions.LoadBalancingPolicies.LeastRequest.V3;
using Envoy.Extensions.LoadBalancingPolicies.Maglev.V3;
using Envoy.Extensions.LoadBalancingPolicies.RingHash.V3;
using Envoy.Extensions.LoadBalancingPolicies.RoundRobin.V3;
using Envoy.Extensions.LoadBalancingPolicies.Subset.V3;
using Envoy.Extensions.LoadBalancingPolicies.WrrLocality.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;
using Weft.Proxy.Clusters.LoadBalancing.HostSources;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using OverrideHostMessage = Envoy.Extensions.LoadBalancingPolicies.OverrideHost.V3.OverrideHost;
using PolicyMessage = Envoy.Config.Cluster.V3.LoadBalancingPolicy;
using RandomMessage = Envoy.Extensions.LoadBalancingPolicies.Random.V3.Random;
using ZoneAwareMessage = Envoy.Extensions.LoadBalancingPolicies.Common.V3.LocalityLbConfig.Types.ZoneAwareLbConfig;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Makes a <see cref="LoadBalancingConfig"/> of load_balancing_policy: the first policy of the list that is known. Main thread.</summary>
internal static class LoadBalancingPolicyCompiler
{
    public static LoadBalancingConfig Compile(LoadBalancingConfig common, ClusterMessage cluster, StatsScope scope, ConfigContext context) =>
        Compile(common, cluster.LoadBalancingPolicy, cluster, scope, context);

    private static LoadBalancingConfig Compile(LoadBalancingConfig common, PolicyMessage? list, ClusterMessage cluster, StatsScope scope, ConfigContext context)
    {
        foreach (var policy in list?.Policies ?? [])
        {
            switch (context.Unpack(policy.TypedExtensionConfig?.TypedConfig))
            {
                case RoundRobin roundRobin:
                    return WithLocalities(common, roundRobin.LocalityLbConfig) with { Policy = LbPolicy.RoundRobin, SlowStart = SlowStartOf(roundRobin.SlowStartConfig) };
                case LeastRequest leastRequest:
                    return Of(common, leastRequest);
                case RandomMessage random:
                    return WithLocalities(common, random.LocalityLbConfig) with { Policy = LbPolicy.Random };
                case RingHash ringHash:
                    return Of(common, ringHash, scope, context);
                case Maglev maglev:
                    return Of(common, maglev, scope, context);
                case ClusterProvided:
                    return common with { Policy = LbPolicy.ClusterProvided };
                case Subset subset:
                    return Compile(common, subset.SubsetLbPolicy, cluster, scope, context) with { Subsets = SubsetConfigCompiler.Compile(subset, context) };
                case OverrideHostMessage named:
                    return Compile(common, named.FallbackPolicy, cluster, scope, context) with { NamedHosts = NamedHosts.Create(named, context) };
                case WrrLocality localities:
                    return Compile(common, localities.EndpointPickingPolicy, cluster, scope, context) with { IsLocalityWeighted = true };
            }
        }
        var names = string.Join(", ", (list?.Policies ?? []).Select(static policy => policy.TypedExtensionConfig?.Name));
        context.Error(cluster, "load_balancing_policy", $"cluster: didn't find a registered load balancer factory implementation for cluster: '{cluster.Name}' with names from [{names}]");
        return common;
    }

    private static LoadBalancingConfig Of(LoadBalancingConfig common, LeastRequest config) => WithLocalities(common, config.LocalityLbConfig) with
    {
        Policy = LbPolicy.LeastRequest,
        ChoiceCount = (int)Math.Min(config.ChoiceCount ?? 2, int.MaxValue),
        ActiveRequestBias = config.ActiveRequestBias?.DefaultValue ?? 1.0,
        ActiveRequestBiasKey = config.ActiveRequestBias?.RuntimeKey ?? "",
        IsFullScan = config.SelectionMethod == LeastRequest.Types.SelectionMethod.FullScan
#pragma warning disable CS0612 // the deprecated name of the same
                || (config.EnableFullScan ?? false),
#pragma warning restore CS0612
        SlowStart = SlowStartOf(config.SlowStartConfig),
    };

#pragma warning disable CS0612 // the fields that consistent_hashing_lb_config replaces are still accepted
    private static LoadBalancingConfig Of(LoadBalancingConfig common, RingHash config, StatsScope scope, ConfigContext context)
    {
        var hashing = config.ConsistentHashingLbConfig;
        var ring = new RingHashConfig
        {
            MinSize = config.MinimumRingSize ?? 1024,
            MaxSize = config.MaximumRingSize ?? 8 * 1024 * 1024,
            Function = config.HashFunction == RingHash.Types.HashFunction.MurmurHash2 ? RingHashFunction.MurmurHash2 : RingHashFunction.XxHash,
            UseHostname = hashing?.UseHostnameForHashing ?? config.UseHostnameForHashing,
            Stats = new RingHashStats(scope),
        };
        return common with
        {
            Policy = LbPolicy.RingHash,
            RingHash = LoadBalancingCompiler.Checked(ring, config, context),
            HashBalanceFactor = (hashing is null ? config.HashBalanceFactor : hashing.HashBalanceFactor) ?? 0,
            IsLocalityWeighted = config.LocalityWeightedLbConfig is not null,
        };
    }
#pragma warning restore CS0612

    private static LoadBalancingConfig Of(LoadBalancingConfig common, Maglev config, StatsScope scope, ConfigContext context)
    {
        var maglev = new MaglevConfig
        {
            TableSize = config.TableSize ?? 65_537,
            UseHostname = config.ConsistentHashingLbConfig?.UseHostnameForHashing ?? false,
            Stats = new MaglevStats(scope),
        };
        return common with
        {
            Policy = LbPolicy.Maglev,
            Maglev = LoadBalancingCompiler.Checked(maglev, config, context),
            HashBalanceFactor = config.ConsistentHashingLbConfig?.HashBalanceFactor ?? 0,
            IsLocalityWeighted = config.LocalityWeightedLbConfig is not null,
        };
    }

    private static LoadBalancingConfig WithLocalities(LoadBalancingConfig common, LocalityLbConfig? config) => common with
    {
        IsLocalityWeighted = config?.LocalityWeightedLbConfig is not null,
        FailsInPanic = config?.ZoneAwareLbConfig?.FailTrafficOnPanic ?? false,
        Zones = ZonesOf(config?.ZoneAwareLbConfig),
    };

    private static ZoneAwareConfig ZonesOf(ZoneAwareMessage? config) => config is null ? new ZoneAwareConfig() : new ZoneAwareConfig
    {
        RoutingPercent = LoadBalancingCompiler.Percent(config.RoutingEnabled, 100),
        MinClusterSize = (int)Math.Min(config.MinClusterSize ?? 6, int.MaxValue),
        ForceLocalMinSize = ForceLocalMinSizeOf(config),
        ByWeight = config.LocalityBasis == ZoneAwareMessage.Types.LocalityBasis.HealthyHostsWeight,
    };

    private static int? ForceLocalMinSizeOf(ZoneAwareMessage config)
    {
        if (config.ForceLocalZone is { } forced)
            return (int)Math.Min(forced.MinSize ?? 1, int.MaxValue);
#pragma warning disable CS0612 // the deprecated form of the same
        return config.ForceLocalityDirectRouting ? 1 : null;
#pragma warning restore CS0612
    }

    private static SlowStart? SlowStartOf(SlowStartConfig? config) =>
        config is null ? null : SlowStart.Of(config.SlowStartWindow, config.Aggression, config.MinWeightPercent);
}
