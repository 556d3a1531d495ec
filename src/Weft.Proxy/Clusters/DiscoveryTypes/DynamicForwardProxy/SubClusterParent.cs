namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>envoy.clusters.dynamic_forward_proxy with sub clusters: has no endpoints of its own. Main thread.</summary>
internal sealed class SubClusterParent(ClusterConfig config) : Cluster(config)
{
    private readonly SubClusters _subClusters = config.DynamicForwardProxy!.SubClusters!;

    public override void Dispose()
    {
        _subClusters.Stop();
        base.Dispose();
    }

    protected override void Discover()
    {
        _subClusters.Start();
        Publish([]);
        MarkInitialized();
    }
}
