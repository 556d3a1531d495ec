using System.Net.Sockets;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

/// <summary>tunneling_config over HTTP/1.1, byte by byte; HTTP/2 is tested end to end.</summary>
public sealed class TunnelingTests : IDisposable
{
    private const string Connect = "cluster: web\ntunneling_config: { hostname: \"target.example:443\" }";

    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private (Socket Client, Socket Proxy) Start(string yaml, string cluster = "")
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)], cluster);
        _bench.Start(yaml);
        return _bench.Pair(server);
    }

    [Fact]
    public void A_connection_goes_through_a_connect()
    {
        var (client, proxy) = Start(Connect);
        client.Send("early"u8);
        Assert.Equal("CONNECT target.example:443 HTTP/1.1\r\nhost: target.example:443\r\n\r\n", _bench.ReceiveUntil(proxy, "\r\n\r\n"));
        _bench.Settle();
        Assert.Equal(0, proxy.Available);
        proxy.Send("HTTP/1.1 200 Connection established\r\ncontent-length: 7\r\n\r\ngreeting"u8);
        Assert.Equal("early", _bench.ReceiveText(proxy, 5));
        Assert.Equal("greeting", _bench.ReceiveText(client, 8));
        client.Send("GET / HTTP/1.1\r\n"u8);
        Assert.Equal("GET / HTTP/1.1\r\n", _bench.ReceiveText(proxy, 16));

        client.Shutdown(SocketShutdown.Send);
        _bench.AssertEnds(proxy);
        proxy.Send("late"u8);
        Assert.Equal("late", _bench.ReceiveText(client, 4));
        proxy.Close();
        _bench.AssertEnds(client);
        client.Close();
        _bench.Until(() => _bench.Log.Count == 1);
        Assert.Equal((ResponseFlags.None, 21, 12, 1), (_bench.Log[0].Flags, _bench.Log[0].BytesReceived, _bench.Log[0].BytesSent, _bench.Log[0].Attempts));
        Assert.Equal((1, 1), (_bench.ClusterCounter("web", "upstream_cx_total"), _bench.ClusterCounter("web", "upstream_rq_total")));
        Assert.Equal(0, _bench.ClusterGauge("web", "upstream_cx_active"));
    }

    [Fact]
    public void Hostname_and_headers_are_formatted_with_what_is_known_of_the_connection()
    {
        var (_, proxy) = Start("""
            cluster: web
            tunneling_config:
              hostname: "%DOWNSTREAM_LOCAL_ADDRESS%"
              headers_to_add:
              - { header: { key: x-from, value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" } }
              - { header: { key: x-fixed, value: one } }
            """);
        var head = _bench.ReceiveUntil(proxy, "\r\n\r\n");
        Assert.StartsWith($"CONNECT 127.0.0.1:{_bench.Address.Port} HTTP/1.1\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-from: 127.0.0.1\r\nx-fixed: one\r\n", head, StringComparison.Ordinal);
    }

    [Fact]
    public void A_post_carries_the_connection_in_chunks()
    {
        var (client, proxy) = Start("cluster: web\ntunneling_config: { hostname: host.example, use_post: true, post_path: /tunnel }");
        client.Send("hello"u8);
        var head = _bench.ReceiveUntil(proxy, "\r\n\r\n");
        Assert.StartsWith("POST /tunnel HTTP/1.1\r\nhost: host.example\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\ntransfer-encoding: chunked\r\n", head, StringComparison.Ordinal);
        proxy.Send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nworld\r\n"u8);
        Assert.Equal("5\r\nhello\r\n", _bench.ReceiveText(proxy, 10));
        Assert.Equal("world", _bench.ReceiveText(client, 5));
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("0\r\n\r\n", _bench.ReceiveText(proxy, 5));
        proxy.Send("3\r\nbye\r\n0\r\n\r\n"u8);
        Assert.Equal("bye", _bench.ReceiveText(client, 3));
        _bench.AssertEnds(client);
    }

    [Fact]
    public void A_proxy_that_refuses_counts_as_a_failed_connection()
    {
        var (client, proxy) = Start(Connect);
        _bench.ReceiveUntil(proxy, "\r\n\r\n");
        proxy.Send("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"u8);
        _bench.AssertEnds(client);
        Assert.Equal(ResponseFlags.UpstreamConnectionFailure | ResponseFlags.UpstreamRetryLimitExceeded, _bench.Log[0].Flags);
        Assert.Equal(0, _bench.ClusterGauge("web", "upstream_rq_active"));
    }

    [Fact]
    public void A_refusal_is_followed_by_another_attempt()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start(Connect + "\nmax_connect_attempts: 2");
        var (client, first) = _bench.Pair(server);
        _bench.ReceiveUntil(first, "\r\n\r\n");
        first.Send("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"u8);
        var second = _bench.Accept(server);
        _bench.ReceiveUntil(second, "\r\n\r\n");
        second.Send("HTTP/1.1 200 OK\r\n\r\nhello"u8);
        Assert.Equal("hello", _bench.ReceiveText(client, 5));
    }

    [Fact]
    public void The_clients_end_cancels_a_tunnel_that_is_not_there_yet()
    {
        var (client, proxy) = Start(Connect);
        _bench.ReceiveUntil(proxy, "\r\n\r\n");
        client.LingerState = new LingerOption(true, 0);
        client.Close();
        _bench.AssertEnds(proxy);
        _bench.Until(() => _bench.ClusterGauge("web", "upstream_cx_active") == 0);
    }

    [Fact]
    public void What_the_proxy_answered_is_there_for_the_log()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\ntunneling_config: { hostname: \"a:1\", propagate_response_headers: true }");
        _bench.Format = "%FILTER_STATE(envoy.tcp_proxy.propagate_response_headers)%";
        var (client, proxy) = _bench.Pair(server);
        _bench.ReceiveUntil(proxy, "\r\n\r\n");
        proxy.Send("HTTP/1.1 200 OK\r\nx-proxy: p\r\n\r\n"u8);
        proxy.Close();
        _bench.AssertEnds(client);
        client.Close();
        _bench.Until(() => _bench.Log.Count == 1);
        Assert.Equal("""{"headers":[{"key":":status","value":"200"},{"key":"x-proxy","value":"p"}]}""", _bench.Log[0].Printed);
    }

    [Fact]
    public void Large_transfers_arrive_whole()
    {
        var (client, proxy) = Start(Connect);
        _bench.ReceiveUntil(proxy, "\r\n\r\n");
        proxy.Send("HTTP/1.1 200 OK\r\n\r\n"u8);
        var data = TcpProxyBench.Pattern(3_000_000);
        client.Blocking = proxy.Blocking = false;
        var received = new byte[data.Length];
        for (int sent = 0, got = 0; got < data.Length;)
        {
            if (sent < data.Length)
                sent += client.Send(data, sent, Math.Min(100_000, data.Length - sent), SocketFlags.None, out _);
            _bench.Worker.Loop.RunTurn(1);
            got += proxy.Receive(received, got, received.Length - got, SocketFlags.None, out _);
        }

        Assert.True(data.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public void A_post_path_without_post_is_an_error()
    {
        _bench.AddCluster("web", []);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => _bench.Start("cluster: web\ntunneling_config: { hostname: a, post_path: /x }"));
        Assert.Contains(_bench.Config.Findings.All, finding => finding.Text == "Can't set a post path when POST method isn't used");
    }
}
