using System.Net.Sockets;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.NetworkFilters.TcpProxy;

public sealed class RelayTests : IDisposable
{
    private readonly TcpProxyBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void Bytes_go_both_ways_untouched()
    {
        var server = _bench.Listen();
        _bench.AddCluster("web", [TcpProxyBench.Port(server)]);
        _bench.Start();
        var (client, upstream) = _bench.Pair(server);
        client.Send("\0\x01hello\r\n"u8);
        Assert.Equal("\0\x01hello\r\n", _bench.ReceiveText(upstream, 9));
        upstream.Send("world"u8);
        Assert.Equal("world", _bench.ReceiveText(client, 5));
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
        var data = TcpProxyBench.Pattern(24 * 1024 * 1024);
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
