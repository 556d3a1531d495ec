using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

public sealed class TcpProxyTests : IDisposable
{
    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
            bytes[i] = (byte)(i * 31 + (i >> 8));
        return bytes;
    }

    private string ReceiveText(Socket socket, int count) => Encoding.ASCII.GetString(_bench.Receive(socket, count));

    [Fact]
    public void Bytes_go_both_ways_untouched()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        client.Send("\0\x01hello\r\n"u8);
        Assert.Equal("\0\x01hello\r\n", ReceiveText(upstream, 9));
        upstream.Send("world"u8);
        Assert.Equal("world", ReceiveText(client, 5));
        client.Shutdown(SocketShutdown.Send);
        _bench.AssertEnds(upstream);
        upstream.Close();
        _bench.Until(() => _bench.Log.Count == 1);
        var log = _bench.Log[0];
        Assert.Equal((ResponseFlags.None, 9, 5, 1), (log.Flags, log.BytesReceived, log.BytesSent, log.Attempts));
        Assert.Equal($"127.0.0.1:{TcpProxyBench.Port(server)}", log.UpstreamHost);
        Assert.Equal("web", log.UpstreamCluster);
        Assert.True(log.HasEnd);
        Assert.Equal((1, 9, 5), (_bench.Tcp("downstream_cx_total"), _bench.Tcp("downstream_cx_rx_bytes_total"), _bench.Tcp("downstream_cx_tx_bytes_total")));
        Assert.Equal((5, 9), (_bench.ClusterCounter("web", "upstream_cx_rx_bytes_total"), _bench.ClusterCounter("web", "upstream_cx_tx_bytes_total")));
        Assert.Equal((1, 1, 1), (_bench.ClusterCounter("web", "upstream_cx_total"), _bench.ClusterCounter("web", "upstream_cx_destroy"), _bench.ClusterCounter("web", "upstream_rq_total")));
    }

    [Fact]
    public void Everything_that_was_taken_is_given_back_at_the_end()
    {
        var server = _bench.Listen();
        var cluster = _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        client.Send("x"u8);
        _bench.Receive(upstream, 1);
        var breaker = cluster.CircuitBreakers.Default;
        Assert.Equal((1, 0, 1), (breaker.Connections.Current, breaker.PendingRequests.Current, breaker.Requests.Current));
        Assert.Equal((1, 1), (_bench.ClusterGauge("web", "upstream_cx_active"), _bench.ClusterGauge("web", "upstream_rq_active")));
        client.Close();
        upstream.Close();
        _bench.Until(() => _bench.Log.Count == 1 && breaker.Connections.Current == 0);
        Assert.Equal((0, 0), (breaker.PendingRequests.Current, breaker.Requests.Current));
        Assert.Equal((0, 0), (_bench.ClusterGauge("web", "upstream_cx_active"), _bench.ClusterGauge("web", "upstream_rq_active")));
        Assert.Equal(0, _bench.ClusterGauge("web", "upstream_rq_pending_active"));
    }

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
    public void The_end_of_one_direction_leaves_the_other_open()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        client.Send("request"u8);
        client.Shutdown(SocketShutdown.Send);
        Assert.Equal("request", ReceiveText(upstream, 7));
        _bench.AssertEnds(upstream);
        upstream.Send("late answer"u8);
        Assert.Equal("late answer", ReceiveText(client, 11));
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
        Assert.Equal("greeting", ReceiveText(client, 8));
        _bench.AssertEnds(client);
        client.Send("thanks"u8);
        Assert.Equal("thanks", ReceiveText(upstream, 6));
        Assert.Empty(_bench.Log);
        client.Close();
        _bench.Until(() => _bench.Log.Count == 1);
        _bench.AssertEnds(upstream);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Large_transfers_arrive_whole_and_a_slow_reader_slows_the_writer(bool fromClient)
    {
        const int Limit = 64 * 1024;
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)], $"per_connection_buffer_limit_bytes: {Limit}");
        _bench.Start(bufferLimitBytes: Limit);
        var (client, upstream) = _bench.Pair(server);
        _bench.Until(() => _bench.ClusterGauge("web", "upstream_rq_active") == 1);
        var (writer, reader) = fromClient ? (client, upstream) : (upstream, client);
        var data = Pattern(24 * 1024 * 1024);
        writer.Blocking = false;
        reader.ReceiveBufferSize = Limit;
        // The reader does not read: the writer must come to a halt, held by the kernel's windows and our limits.
        var sent = 0;
        var stalled = 0;
        while (stalled < 50)
        {
            var size = sent < data.Length ? writer.Send(data, sent, Math.Min(64 * 1024, data.Length - sent), SocketFlags.None, out _) : 0;
            sent += size;
            stalled = size > 0 ? 0 : stalled + 1;
            _bench.Worker.Loop.RunTurn(1);
        }
        Assert.True(sent < data.Length, "nothing held the writer back");
        if (fromClient)
            Assert.True(_bench.Tcp("downstream_flow_control_paused_reading_total") > 0);
        else
            Assert.True(_bench.ClusterCounter("web", "upstream_flow_control_paused_reading_total") > 0);

        var received = new byte[data.Length];
        var got = 0;
        reader.Blocking = false;
        while (got < data.Length)
        {
            if (sent < data.Length)
                sent += writer.Send(data, sent, Math.Min(256 * 1024, data.Length - sent), SocketFlags.None, out _);
            got += reader.Receive(received, got, Math.Min(256 * 1024, data.Length - got), SocketFlags.None, out _);
            _bench.Worker.Loop.RunTurn(0);
        }
        Assert.True(data.AsSpan().SequenceEqual(received));
        _bench.Until(() => _bench.Tcp("downstream_flow_control_paused_reading_total") == _bench.Tcp("downstream_flow_control_resumed_reading_total"));
        _bench.Until(() => _bench.ClusterCounter("web", "upstream_flow_control_paused_reading_total") == _bench.ClusterCounter("web", "upstream_flow_control_resumed_reading_total"));
    }

    [Fact]
    public void What_a_client_sent_before_it_went_is_still_delivered()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        var data = Pattern(600_000);
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
        Assert.Equal("last words", ReceiveText(client, 10));
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
        _bench.AddCluster("web", [TcpProxyBench.UnusedPort()]);
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
        _bench.AddCluster("web", [TcpProxyBench.UnusedPort(), TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\nmax_connect_attempts: 2");
        for (var i = 0; i < 4; i++)
        {
            var (client, upstream) = _bench.Pair(server);
            client.Send("hello"u8);
            Assert.Equal("hello", ReceiveText(upstream, 5));
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
        _bench.AddCluster("web", [TcpProxyBench.UnusedPort(), TcpProxyBench.UnusedPort(), TcpProxyBench.UnusedPort()]);
        _bench.Start("cluster: web\nmax_connect_attempts: 2");
        _bench.AssertEnds(_bench.Connect());
        Assert.Equal(2, _bench.Log[0].Attempts);
        Assert.Equal(2, _bench.ClusterCounter("web", "upstream_cx_connect_fail"));
    }

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

    [Fact]
    public void An_idle_connection_is_closed()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start("cluster: web\nidle_timeout: 0.03s");
        var (client, upstream) = _bench.Pair(server);
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
            return _bench.Log.Count == 1;
        });
        Assert.Equal(ResponseFlags.DurationTimeout, _bench.Log[0].Flags);
        Assert.Equal(1, _bench.Tcp("max_downstream_connection_duration"));
        Assert.True(upstream.Connected);
    }

    [Fact]
    public void Relaying_allocates_nothing()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        var data = new byte[4096];
        long before = 0;
        for (var i = 0; i < 400; i++)
        {
            if (i == 200)
                before = GC.GetAllocatedBytesForCurrentThread();
            client.Send(data);
            for (var got = 0; got < data.Length;)
            {
                _bench.Worker.Loop.RunTurn(1);
                if (upstream.Available > 0)
                    got += upstream.Receive(data);
            }
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Many_connections_at_once_do_not_disturb_each_other()
    {
        var server = _bench.Listen();
        server.Listen(512);
        var cluster = _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var clients = Enumerable.Range(0, 200).Select(_ => _bench.Connect()).ToArray();
        for (var i = 0; i < clients.Length; i++)
            clients[i].Send(BitConverter.GetBytes(i));
        var seen = new HashSet<int>();
        for (var i = 0; i < clients.Length; i++)
        {
            var upstream = _bench.Accept(server);
            var bytes = _bench.Receive(upstream, 4);
            Assert.True(seen.Add(BitConverter.ToInt32(bytes)));
            upstream.Send(bytes);
            upstream.Close();
        }
        for (var i = 0; i < clients.Length; i++)
        {
            Assert.Equal(i, BitConverter.ToInt32(_bench.Receive(clients[i], 4)));
            clients[i].Close();
        }
        _bench.Until(() => _bench.Log.Count == clients.Length && cluster.CircuitBreakers.Default.Connections.Current == 0);
    }
}
