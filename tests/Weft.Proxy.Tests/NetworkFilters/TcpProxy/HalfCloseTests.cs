using System.Net.Sockets;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

public sealed class HalfCloseTests : IDisposable
{
    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_end_of_one_direction_leaves_the_other_open()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        client.Send("request"u8);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("request", _bench.ReceiveText(upstream, 7));
        _bench.AssertEnds(upstream);
        upstream.Send("late answer"u8);
        Assert.Equal("late answer", _bench.ReceiveText(client, 11));
        Assert.Empty(_bench.Log);
        upstream.Shutdown(SocketShutdown.Send);
        _bench.AssertEnds(client);
        _bench.Until(() => _bench.Log.Count == 1);
    }

    [Fact]
    public void The_server_may_end_first_and_still_receive()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        upstream.Send("greeting"u8);
        upstream.Shutdown(SocketShutdown.Send);
        Assert.Equal("greeting", _bench.ReceiveText(client, 8));
        _bench.AssertEnds(client);
        client.Send("thanks"u8);
        Assert.Equal("thanks", _bench.ReceiveText(upstream, 6));
        Assert.Empty(_bench.Log);
        client.Close();
        _bench.Until(() => _bench.Log.Count == 1);
        _bench.AssertEnds(upstream);
    }

    [Fact]
    public void What_a_client_sent_before_it_went_is_still_delivered()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        var data = TcpProxyBench.Pattern(600_000);
        var sent = 0;
        client.Blocking = false;
        while (sent < data.Length)
        {
            sent += client.Send(data, sent, data.Length - sent, SocketFlags.None, out _);
            _bench.Worker.Loop.RunTurn(0);
        }
        client.Close();
        Assert.True(data.AsSpan().SequenceEqual(_bench.Receive(upstream, data.Length)));
        _bench.AssertEnds(upstream);
        upstream.Close();
        _bench.Until(() => _bench.ClusterGauge("web", "upstream_cx_active") == 0);
        Assert.Equal(0, _bench.Stats.Scope("tcp.tcp.").Gauge("upstream_flush_active").Value);
    }

    [Fact]
    public void A_reset_by_the_server_ends_the_client_after_what_was_sent()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        upstream.Send("last words"u8);
        Assert.Equal("last words", _bench.ReceiveText(client, 10));
        upstream.LingerState = new LingerOption(true, 0);
        upstream.Close();
        _bench.AssertEnds(client);
        client.Close();
        _bench.Until(() => _bench.Log.Count == 1);
        Assert.Equal(1, _bench.ClusterCounter("web", "upstream_cx_destroy_remote"));
    }

    [Fact]
    public void A_reset_by_the_client_ends_the_server()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        client.Send("x"u8);
        _bench.Receive(upstream, 1);
        client.LingerState = new LingerOption(true, 0);
        client.Close();
        _bench.AssertEnds(upstream);
        _bench.Until(() => _bench.Log.Count == 1);
    }
}
