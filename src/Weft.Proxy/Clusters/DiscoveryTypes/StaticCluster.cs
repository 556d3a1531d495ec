using Weft.Config;
using Weft.Proxy.Bootstrap;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>STATIC: the endpoints that are configured, until the configuration names others.</summary>
internal sealed class StaticCluster(ClusterConfig config, FactoryContext context) : Cluster(config)
{
    private readonly AssignedEndpoints _endpoints = new(context.Stats, keepsCopies: true);

    protected override void Discover()
    {
        Take(Config.Assignment);
        MarkInitialized();
    }

    private protected override bool TakeOver(ClusterMessage source, ConfigContext config)
    {
        if (!ClusterChange.IsInPlace(Source, source))
            return false;
        var assignment = LoadAssignment.Create(source.LoadAssignment, DiscoveryType.Static, config);
        if (config.Findings.HasErrors)
            return false;
        Take(assignment);
        return true;
    }

    /// <summary>What is configured no more is gone, however well it is.</summary>
    private void Take(LoadAssignment assignment)
    {
        var endpoints = _endpoints.Take(assignment, static (_, _) => null, out var isReconfigured);
        Publish(endpoints, assignment, isReconfigured, outlivesDiscovery: false);
    }
}
