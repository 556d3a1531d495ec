using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing.Hashing;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using CommonMessage = Envoy.Config.Cluster.V3.Cluster.Types.CommonLbConfig;
using PolicyCase = Envoy.Config.Cluster.V3.Cluster.Types.LbPolicy;
using RingFunction = Envoy.Config.Cluster.V3.Cluster.Types.RingHashLbConfig.Types.HashFunction;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>Makes a <see cref="LoadBalancingConfig"/> of a cluster's message: load_balancing_policy, else lb_policy with lb_config. Main thread.</summary>
internal static class LoadBalancingCompiler
{
    public static LoadBalancingConfig Compile(ClusterMessage config, StatsScope scope, FactoryContext context)
    {
        var common = new LoadBalancingConfig
        {
            PanicThresholdPercent = Percent(config.CommonLbConfig?.HealthyPanicThreshold, 50),
            OverrideStatus = OverrideHostStatus.Of(config.CommonLbConfig?.OverrideHostStatus),
            LocalCluster = context.LocalCluster is { } local && local.Name != config.Name ? local : null,
        };
        if (config.LoadBalancingPolicy is not null)
            return LoadBalancingPolicyCompiler.Compile(common, config, scope, context.Config);
        common = WithLocalities(common, config.CommonLbConfig) with { Subsets = SubsetConfigCompiler.Compile(config.LbSubsetConfig, context.Config) };
        switch (config.LbPolicy)
        {
            case PolicyCase.LoadBalancingPolicyConfig:
                context.Config.Error(config, "load_balancing_policy", "cluster: field load_balancing_policy need to be set");
                return common;
            case PolicyCase.LeastRequest:
                return LeastRequest(common, config.LeastRequestLbConfig);
            case PolicyCase.Random:
                return common with { Policy = LbPolicy.Random };
            case PolicyCase.RingHash:
                return RingHash(common, config, scope, context);
            case PolicyCase.Maglev:
                return Maglev(common, config, scope, context);
            case PolicyCase.ClusterProvided:
                if (common.Subsets is not null)
                    context.Config.Error(config, "lb_subset_config", "cluster: LB policy CLUSTER_PROVIDED cannot be combined with lb_subset_config");
                return common with { Policy = LbPolicy.ClusterProvided };
            default:
                return common with { SlowStart = SlowStartOf(config.RoundRobinLbConfig?.SlowStartConfig) };
        }
    }

    /// <summary>A percentage in whole percent, rounded.</summary>
    public static int Percent(Envoy.Type.V3.Percent? percent, int byDefault) =>
        percent is null ? byDefault : (int)Math.Round(Math.Clamp(percent.Value, 0, 100));

    /// <summary>Checks the sizes of a ring.</summary>
    public static RingHashConfig Checked(RingHashConfig ring, Google.Protobuf.IMessage at, Config.ConfigContext context)
    {
        if (ring.MinSize > ring.MaxSize)
            context.Error(at, "minimum_ring_size", $"ring hash: minimum_ring_size ({ring.MinSize}) > maximum_ring_size ({ring.MaxSize})");
        return ring;
    }

    /// <summary>Checks the size of a table.</summary>
    public static MaglevConfig Checked(MaglevConfig maglev, Google.Protobuf.IMessage at, Config.ConfigContext context)
    {
        if (!MaglevConfig.IsPrime(maglev.TableSize))
            context.Error(at, "table_size", "The table size of maglev must be prime number");
        return maglev;
    }

    private static LoadBalancingConfig WithLocalities(LoadBalancingConfig common, CommonMessage? config) => common with
    {
        IsLocalityWeighted = config?.LocalityWeightedLbConfig is not null,
        FailsInPanic = config?.ZoneAwareLbConfig?.FailTrafficOnPanic ?? false,
        Zones = new ZoneAwareConfig
        {
            RoutingPercent = Percent(config?.ZoneAwareLbConfig?.RoutingEnabled, 100),
            MinClusterSize = (int)Math.Min(config?.ZoneAwareLbConfig?.MinClusterSize ?? 6, int.MaxValue),
        },
    };

    private static LoadBalancingConfig LeastRequest(LoadBalancingConfig common, ClusterMessage.Types.LeastRequestLbConfig? config) => common with
    {
        Policy = LbPolicy.LeastRequest,
        ChoiceCount = (int)Math.Min(config?.ChoiceCount ?? 2, int.MaxValue),
        ActiveRequestBias = config?.ActiveRequestBias?.DefaultValue ?? 1.0,
        ActiveRequestBiasKey = config?.ActiveRequestBias?.RuntimeKey ?? "",
        SlowStart = SlowStartOf(config?.SlowStartConfig),
    };

    private static LoadBalancingConfig RingHash(LoadBalancingConfig common, ClusterMessage config, StatsScope scope, FactoryContext context)
    {
        var ring = config.RingHashLbConfig ?? new ClusterMessage.Types.RingHashLbConfig();
        return common with
        {
            Policy = LbPolicy.RingHash,
            HashBalanceFactor = config.CommonLbConfig?.ConsistentHashingLbConfig?.HashBalanceFactor ?? 0,
            RingHash = Checked(
                new RingHashConfig
                {
                    MinSize = ring.MinimumRingSize ?? 1024,
                    MaxSize = ring.MaximumRingSize ?? 8 * 1024 * 1024,
                    Function = ring.HashFunction == RingFunction.MurmurHash2 ? RingHashFunction.MurmurHash2 : RingHashFunction.XxHash,
                    UseHostname = config.CommonLbConfig?.ConsistentHashingLbConfig?.UseHostnameForHashing ?? false,
                    Stats = new RingHashStats(scope),
                },
                ring, context.Config),
        };
    }

    private static LoadBalancingConfig Maglev(LoadBalancingConfig common, ClusterMessage config, StatsScope scope, FactoryContext context)
    {
        var maglev = new MaglevConfig
        {
            TableSize = config.MaglevLbConfig?.TableSize ?? 65_537,
            UseHostname = config.CommonLbConfig?.ConsistentHashingLbConfig?.UseHostnameForHashing ?? false,
            Stats = new MaglevStats(scope),
        };
        return common with
        {
            Policy = LbPolicy.Maglev,
            HashBalanceFactor = config.CommonLbConfig?.ConsistentHashingLbConfig?.HashBalanceFactor ?? 0,
            Maglev = Checked(maglev, config.MaglevLbConfig ?? (Google.Protobuf.IMessage)config, context.Config),
        };
    }

    private static SlowStart? SlowStartOf(ClusterMessage.Types.SlowStartConfig? config) =>
        config is null ? null : SlowStart.Of(config.SlowStartWindow, config.Aggression, config.MinWeightPercent);
}
