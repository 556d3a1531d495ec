using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>STATIC: the endpoints that are configured, until the configuration names others.</summary>
internal sealed class StaticCluster(ClusterConfig config, FactoryContext context) : Cluster(config)
{
    private readonly AssignedEndpoints _endpoints = new(context.Stats, keepsCopies: true);

    protected override void Discover()
    {
        UpdateEndpoints(isReconfigured: false);
        MarkInitialized();
    }

    /// <summary>What is configured no more is gone, however well it is.</summary>
    private protected override void UpdateEndpoints(bool isReconfigured)
    {
        var endpoints = _endpoints.Take(Config.Assignment, static (_, _) => null);
        Publish(endpoints, Config.Assignment, isReconfigured, outlivesDiscovery: false);
    }
}
