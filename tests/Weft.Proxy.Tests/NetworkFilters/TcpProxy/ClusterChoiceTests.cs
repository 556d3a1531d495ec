using System.Net.Sockets;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

public sealed class ClusterChoiceTests : IDisposable
{
    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Endpoints_take_turns_by_connection()
    {
        var servers = new[] { _bench.Listen(), _bench.Listen() };
        _bench.AddCluster("web", servers.Select(TcpProxyBench.Port));
        _bench.Start();
        for (var i = 0; i < 4; i++)
            _bench.Connect();
        _bench.Until(() => _bench.ClusterGauge("web", "upstream_rq_active") == 4);
        foreach (var server in servers)
        {
            _bench.Accept(server);
            _bench.Accept(server);
            Assert.False(server.Poll(0, SelectMode.SelectRead));
        }
    }

    [Fact]
    public void A_missing_cluster_closes_the_connection()
    {
        _bench.Start("cluster: nowhere");
        _bench.AssertEnds(_bench.Connect());
        Assert.Equal(ResponseFlags.NoClusterFound, _bench.Log[0].Flags);
        Assert.Equal(1, _bench.Tcp("downstream_cx_no_route"));
    }

    [Fact]
    public void A_cluster_without_endpoints_closes_the_connection()
    {
        _bench.AddCluster("web", []);
        _bench.Start();
        _bench.AssertEnds(_bench.Connect());
        Assert.Equal(ResponseFlags.NoHealthyUpstream, _bench.Log[0].Flags);
        Assert.Equal(1, _bench.ClusterCounter("web", "upstream_cx_none_healthy"));
    }

    [Fact]
    public void A_refused_connection_closes_the_client_with_its_reason()
    {
        _bench.AddCluster("web", [_bench.RefusingPort()]);
        _bench.Start();
        _bench.AssertEnds(_bench.Connect());
        var log = _bench.Log[0];
        Assert.Equal(ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamRetryLimitExceeded, log.Flags);
        Assert.Equal((1, "delayed connect error: Connection refused"), (log.Attempts, log.Failure));
        Assert.Equal((1, 1), (_bench.ClusterCounter("web", "upstream_cx_connect_fail"), _bench.ClusterCounter("web", "upstream_cx_connect_attempts_exceeded")));
    }

    [Fact]
    public void Another_endpoint_is_tried_when_one_refuses()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [_bench.RefusingPort(), TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\nmax_connect_attempts: 2");
        for (var i = 0; i < 4; i++)
        {
            var (client, upstream) = _bench.Pair(server);
            client.Send("hello"u8);
            Assert.Equal("hello", _bench.ReceiveText(upstream, 5));
            client.Close();
            upstream.Close();
        }
        _bench.Until(() => _bench.Log.Count == 4);
        Assert.Contains(_bench.Log, log => log.Attempts == 2);
        Assert.All(_bench.Log, log => Assert.Equal(log.Attempts == 2, log.Flags == ResponseFlags.UpstreamConnectionFailure));
    }

    [Fact]
    public void Attempts_end_at_their_limit()
    {
        _bench.AddCluster("web", [_bench.RefusingPort(), _bench.RefusingPort(), _bench.RefusingPort()]);
        _bench.Start("cluster: web\nmax_connect_attempts: 2");
        _bench.AssertEnds(_bench.Connect());
        Assert.Equal(2, _bench.Log[0].Attempts);
        Assert.Equal(2, _bench.ClusterCounter("web", "upstream_cx_connect_fail"));
    }

    [Fact]
    public void Weighted_clusters_share_the_connections()
    {
        var servers = new[] { _bench.Listen(), _bench.Listen() };
        _bench.AddCluster("a", [TcpProxyBench.Port(servers[0])]);
        _bench.AddCluster("b", [TcpProxyBench.Port(servers[1])]);
        _bench.Start("weighted_clusters: { clusters: [ { name: a, weight: 1 }, { name: b, weight: 3 } ] }");
        for (var i = 1; i <= 200; i++)
        {
            var client = _bench.Connect();
            client.Close();
            _bench.Until(() => _bench.Tcp("downstream_cx_total") == i);
        }
        Assert.InRange(_bench.ClusterCounter("b", "upstream_cx_total"), 130, 170);
        Assert.Equal(200, _bench.ClusterCounter("a", "upstream_cx_total") + _bench.ClusterCounter("b", "upstream_cx_total"));
    }
}
