using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>STATIC: the endpoints that are configured, from the start to the end.</summary>
internal sealed class StaticCluster(ClusterConfig config, FactoryContext context) : Cluster(config)
{
    protected override void Discover()
    {
        var endpoints = new List<Endpoint>();
        foreach (var locality in Config.Assignment.Localities)
        {
            foreach (var endpoint in locality.Endpoints)
                endpoints.Add(EndpointFactory.Create(locality, endpoint, endpoint.Address, endpoint.Hostname, context.Stats));
        }
        Publish(endpoints);
        MarkInitialized();
    }
}
