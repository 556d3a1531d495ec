using System.Net.Sockets;
using Weft.Base;
using Weft.Proxy.NetworkFilters.TcpProxy;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.HttpFilters;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

public sealed class LimitTests : IDisposable
{
    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_circuit_breaker_limits_connections()
    {
        var server = _bench.Listen();
        var cluster = _bench.AddCluster("web", [TcpProxyBench.Port(server)], "circuit_breakers: { thresholds: [ { max_connections: 1 } ] }");
        _bench.Start();
        var (first, upstream) = _bench.Pair(server);
        _bench.AssertEnds(_bench.Connect());
        Assert.Equal(ResponseFlags.UpstreamOverflow, _bench.Log[0].Flags);
        Assert.Equal(1, _bench.ClusterCounter("web", "upstream_cx_overflow"));
        first.Close();
        upstream.Close();
        _bench.Until(() => cluster.CircuitBreakers.Default.Connections.Current == 0);
        _bench.Pair(server);
    }

    [Fact]
    public void An_idle_connection_is_closed()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\nidle_timeout: 0.03s");
        var (client, upstream) = _bench.Pair(server);
        _bench.AdvanceMs(20);
        client.Send("x"u8);
        _bench.Receive(upstream, 1);
        _bench.AdvanceMs(20);
        Assert.Empty(_bench.Log);
        // What was sent since the last look counts as much as what was received: it may take one more.
        _bench.AdvanceMs(30);
        _bench.AdvanceMs(30);
        _bench.AssertEnds(client);
        _bench.AssertEnds(upstream);
        Assert.Equal(1, _bench.Tcp("idle_timeout"));
        Assert.Single(_bench.Log);
    }

    [Fact]
    public void A_connection_with_traffic_is_not_idle()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\nidle_timeout: 30s");
        var (client, upstream) = _bench.Pair(server);
        for (var i = 0; i < 20; i++)
        {
            client.Send("x"u8);
            _bench.Receive(upstream, 1);
            _bench.AdvanceMs(20_000);
        }

        Assert.Equal(0, _bench.Tcp("idle_timeout"));
        Assert.Empty(_bench.Log);
    }

    [Fact]
    public void A_connection_is_closed_when_its_time_is_over_even_if_busy()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\nmax_downstream_connection_duration: 0.03s");
        var (client, upstream) = _bench.Pair(server);
        client.Blocking = false;
        _bench.Until(() =>
        {
            client.Send(new byte[10], 0, 10, SocketFlags.None, out _);
            _bench.AdvanceMs(1);
            return _bench.Log.Count == 1;
        });
        Assert.Equal(ResponseFlags.DurationTimeout, _bench.Log[0].Flags);
        Assert.Equal(1, _bench.Tcp("max_downstream_connection_duration"));
        Assert.True(upstream.Connected);
    }

    [Theory]
    [InlineData("max_downstream_connection_duration: 10s, max_downstream_connection_duration_jitter_percentage: { value: 50 }", 10_000, 14_999)]
    [InlineData("max_downstream_connection_duration: 10s", 10_000, 10_000)]
    [InlineData("max_downstream_connection_duration_jitter_percentage: { value: 50 }", 0, 0)]
    public void A_connection_s_longest_time_is_drawn_for_each(string fields, long least, long most)
    {
        var config = TcpProxyConfig.Create(Filters.Read<TcpProxyMessage>($"stat_prefix: tcp, cluster: web, {fields}"), _bench.Context);
        var random = new RandomSource(1);
        long[] drawn = [.. Enumerable.Range(0, 100).Select(_ => config.ConnectionDurationMs(random))];
        Assert.All(drawn, duration => Assert.InRange(duration, least, most));
        Assert.Equal(least != most, drawn.Distinct().Count() > 1);
    }
}
