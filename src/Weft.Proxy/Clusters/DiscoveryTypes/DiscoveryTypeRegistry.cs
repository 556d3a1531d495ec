using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;
using Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>All ways to find a cluster's endpoints.</summary>
internal static class DiscoveryTypeRegistry
{
    private static readonly (DiscoveryType Type, Func<ClusterConfig, FactoryContext, Cluster> Create)[] Types =
    [
        (DiscoveryType.Static, static (config, context) => new StaticCluster(config, context)),
        (DiscoveryType.StrictDns, static (config, context) => new StrictDnsCluster(config, context)),
        (DiscoveryType.Eds, static (config, context) => new EdsCluster(config, context)),
        (DiscoveryType.OriginalDst, static (config, context) => new OriginalDstCluster(config, context)),
        (DiscoveryType.DynamicForwardProxy, CreateDynamicForwardProxy),
        (DiscoveryType.LogicalDns, static (config, context) => new LogicalDnsCluster(config, context)),
    ];

    /// <summary>The cluster of a type; an aggregate has no endpoints of its own; one that is not implemented was refused with the configuration, and has the listed endpoints if that was allowed.</summary>
    public static Cluster Create(ClusterConfig config, FactoryContext context)
    {
        foreach (var (type, create) in Types)
        {
            if (type == config.Discovery)
                return create(config, context);
        }
        return new StaticCluster(config, context);
    }

    /// <summary>Without a cache or sub clusters the configuration was refused.</summary>
    private static Cluster CreateDynamicForwardProxy(ClusterConfig config, FactoryContext context) => config.DynamicForwardProxy switch
    {
        { Cache: { } cache } => new DynamicForwardProxyCluster(config, cache, context),
        { SubClusters: not null } => new SubClusterParent(config),
        _ => new StaticCluster(config, context),
    };
}
