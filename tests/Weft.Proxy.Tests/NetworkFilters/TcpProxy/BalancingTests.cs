using System.Net.Sockets;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

/// <summary>What a TcpProxy tells the load balancer.</summary>
public sealed class BalancingTests : IDisposable
{
    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_same_client_goes_to_the_same_endpoint()
    {
        var servers = Enumerable.Range(0, 5).Select(_ => _bench.Listen()).ToArray();
        _bench.AddCluster("web", servers.Select(TcpProxyBench.Port), "lb_policy: RING_HASH");
        _bench.Start("cluster: web\nhash_policy: [ { source_ip: {} } ]");
        for (var i = 0; i < 8; i++)
            _bench.Connect();
        _bench.Until(() => _bench.ClusterGauge("web", "upstream_rq_active") == 8);
        var asked = Assert.Single(servers, server => server.Poll(0, SelectMode.SelectRead));
        for (var i = 0; i < 8; i++)
            _bench.Accept(asked);
    }

    [Theory]
    [InlineData("cluster: web\nmetadata_match: { filter_metadata: { envoy.lb: { stage: canary } } }")]
    [InlineData("weighted_clusters: { clusters: [ { name: web, weight: 1, metadata_match: { filter_metadata: { envoy.lb: { stage: canary } } } } ] }\nmetadata_match: { filter_metadata: { envoy.lb: { stage: prod } } }")]
    public void Only_endpoints_of_the_wanted_subset_are_asked(string yaml)
    {
        var (prod, canary) = (_bench.Listen(), _bench.Listen());
        _bench.AddCluster("web", [(TcpProxyBench.Port(prod), "prod"), (TcpProxyBench.Port(canary), "canary")]);
        _bench.Start(yaml);
        for (var i = 0; i < 6; i++)
            _bench.Connect();
        _bench.Until(() => _bench.ClusterGauge("web", "upstream_rq_active") == 6);
        Assert.False(prod.Poll(0, SelectMode.SelectRead));
        Assert.True(canary.Poll(0, SelectMode.SelectRead));
    }
}
