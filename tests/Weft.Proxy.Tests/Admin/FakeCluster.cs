using Weft.Proxy.Clusters;

namespace Weft.Proxy.Tests.Admin;

/// <summary>A cluster whose endpoints the test gives.</summary>
internal sealed class FakeCluster(ClusterConfig config, params Endpoint[] endpoints) : Cluster(config)
{
    protected override void Discover() => Publish(endpoints);
}
