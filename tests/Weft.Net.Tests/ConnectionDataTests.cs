using System.Buffers.Binary;

namespace Weft.Net.Tests;

/// <summary>Bytes both ways, pausing, watermarks.</summary>
public sealed class ConnectionDataTests : IDisposable
{
    private static readonly ConnectOptions TinyClient = new() { SocketOptions = TinyBuffers };
    private static readonly ListenOptions TinyServer = new() { SocketOptions = TinyBuffers };
    private readonly TestLoop _test = new();

    /// <summary>SO_SNDBUF and SO_RCVBUF of 4 KB.</summary>
    private static SocketOption[] TinyBuffers => [Option(1, 7, 4096), Option(1, 8, 4096)];

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Large_data_echoed_through_tiny_socket_buffers_arrives_whole()
    {
        var (client, server) = _test.Pair(listen: TinyServer, connect: TinyClient);
        server.Echo();
        var data = Pattern(3_000_000);
        client.Do(c => c.Write(data));
        client.Do(c => c.ShutdownWrite());
        _test.Until(() => client.Closed is not null);
        Assert.Equal(data, client.Received.ToArray());
        Assert.Equal(CloseReason.Remote, client.Closed);
        _test.Until(() => server.Closed is not null);
        Assert.Equal(CloseReason.Remote, server.Closed);
        Assert.Equal(3_000_000, client.Connection.BytesReceived);
        Assert.Equal(3_000_000, client.Connection.BytesSent);
        Assert.Equal(0, _test.Loop.Buffers.RentedBlocks);
    }

    [Fact]
    public void Small_and_large_writes_keep_their_order()
    {
        var (client, server) = _test.Pair(listen: TinyServer, connect: TinyClient);
        var data = Pattern(1_000_000);
        var random = new Random(7);
        for (var at = 0; at < data.Length;)
        {
            var count = Math.Min(random.Next(2) == 0 ? random.Next(1, 300) : random.Next(8_000, 60_000), data.Length - at);
            var part = data.AsMemory(at, count);
            client.Do(c => c.Write(part.Span));
            at += count;
            if (random.Next(4) == 0)
                _test.Loop.RunTurn(0);
        }
        _test.Until(() => server.Received.Length == data.Length);
        Assert.Equal(data, server.Received.ToArray());
    }

    [Fact]
    public void Bytes_appended_to_the_output_go_out_with_the_next_flush()
    {
        var (client, server) = _test.Pair();
        client.Connection.Output.Append("by the encoder"u8);
        client.Do(c => c.ScheduleFlush());
        _test.Until(() => server.Text == "by the encoder");
    }

    [Fact]
    public void What_is_written_before_the_connection_stands_is_sent_when_it_does()
    {
        var listener = _test.Listen();
        var client = _test.Connect(listener.LocalAddress);
        client.Do(c => c.Write("early"u8));
        _test.Until(() => _test.Accepted.Count == 1 && _test.Accepted[0].Text == "early");
    }

    [Fact]
    public void A_paused_reader_gets_nothing_and_loses_nothing()
    {
        var (client, server) = _test.Pair();
        var data = Pattern(2_000_000);
        server.Do(c => c.PauseReading());
        server.Do(c => c.PauseReading());
        client.Do(c => c.Write(data));
        client.Do(c => c.ShutdownWrite());
        _test.Settle();
        Assert.Equal(0, server.Received.Length);
        server.Do(c => c.ResumeReading());
        _test.Settle();
        Assert.Equal(0, server.Received.Length);
        server.Do(c => c.ResumeReading());
        _test.Until(() => server.ReadEnds == 1);
        Assert.Equal(data, server.Received.ToArray());
    }

    [Fact]
    public void Pausing_within_every_callback_loses_nothing()
    {
        var (client, server) = _test.Pair();
        var data = Pattern(4_000_000);
        server.Data = bytes =>
        {
            server.Received.Write(bytes);
            server.Connection.PauseReading();
            _test.Loop.Post(() => server.Do(c => c.ResumeReading()));
        };
        client.Do(c => c.Write(data));
        client.Do(c => c.ShutdownWrite());
        _test.Until(() => server.ReadEnds == 1);
        Assert.Equal(data, server.Received.ToArray());
    }

    [Fact]
    public void A_small_read_limit_bounds_each_piece_and_loses_nothing()
    {
        var (client, server) = _test.Pair();
        var largest = 0;
        server.Connection.MaxReadBytes = 1_000;
        server.Data = bytes =>
        {
            largest = Math.Max(largest, bytes.Length);
            server.Received.Write(bytes);
        };
        var data = Pattern(200_000);
        client.Do(c => c.Write(data));
        _test.Until(() => server.Received.Length == data.Length);
        Assert.Equal(data, server.Received.ToArray());
        Assert.Equal(1_000, largest);
    }

    [Fact]
    public void A_short_message_that_comes_while_paused_is_delivered_on_resume()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.PauseReading());
        client.Do(c => c.Write("x"u8));
        _test.Settle();
        Assert.Equal("", server.Text);
        Assert.True(server.Connection.IsReadingPaused);
        server.Do(c => c.ResumeReading());
        _test.Until(() => server.Text == "x");
    }

    [Fact]
    public void Watermarks_stop_and_restart_a_producer()
    {
        var (client, server) = _test.Pair(listen: TinyServer, connect: TinyClient);
        client.Connection.HighWatermarkBytes = 64 * 1024;
        server.Do(c => c.PauseReading());
        const int chunk = 10_000, total = 3_000_000;
        var written = 0;
        var highest = 0;
        var stopped = false;
        void Produce()
        {
            while (!stopped && written < total)
            {
                client.Connection.Write(Pattern(chunk));
                written += chunk;
                highest = Math.Max(highest, client.Connection.Output.Length);
            }
        }
        client.OnHigh = () => stopped = true;
        client.OnLow = () =>
        {
            Assert.True(client.Connection.Output.Length <= 32 * 1024);
            stopped = false;
            Produce();
        };
        Produce();
        Assert.Equal(1, client.HighCalls);
        Assert.True(written < total);
        server.Do(c => c.ResumeReading());
        _test.Until(() => server.Received.Length == total);
        Assert.InRange(highest, 64 * 1024, 64 * 1024 + chunk);
        Assert.True(client.LowCalls > 1);
        Assert.InRange(client.HighCalls - client.LowCalls, 0, 1);
    }

    [Fact]
    public void Output_that_the_socket_takes_does_not_count_as_above_the_watermark()
    {
        var (client, server) = _test.Pair();
        client.Connection.HighWatermarkBytes = 1_000;
        for (var i = 0; i < 20; i++)
            client.Do(c => c.Write(new byte[500]));
        Assert.Equal(0, client.HighCalls);
        _test.Until(() => server.Received.Length == 10_000);
    }

    [Fact]
    public void A_limit_of_zero_is_no_limit()
    {
        var (client, _) = _test.Pair(listen: TinyServer, connect: TinyClient);
        client.Connection.HighWatermarkBytes = 0;
        client.Do(c => c.Write(new byte[5_000_000]));
        Assert.Equal(0, client.HighCalls);
    }

    [Fact]
    public void A_connection_with_endless_data_does_not_starve_another()
    {
        var (bulk, bulkServer) = _test.Pair();
        var (small, smallServer) = _test.Pair();
        bulk.Connection.HighWatermarkBytes = 1_000_000;
        void Fill()
        {
            while (!bulk.Connection.IsAboveHighWatermark)
                bulk.Connection.Write(new byte[100_000]);
        }
        bulk.OnLow = Fill;
        Fill();
        _test.Until(() => bulkServer.Received.Length > 4_000_000);
        bulkServer.Data = static _ => { };
        small.Do(c => c.Write("me too"u8));
        _test.Until(() => smallServer.Text == "me too");
    }

    [Fact]
    public void A_thousand_connections_each_get_their_own_bytes_back()
    {
        const int count = 1_000;
        var listener = _test.Listen(accept: connection => new Recorder(connection).Echo());
        var clients = Enumerable.Range(0, count).Select(_ => _test.Connect(listener.LocalAddress)).ToList();
        _test.Until(() => clients.All(c => c.Connected));
        var number = new byte[4];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, i);
            clients[i].Connection.Write(number);
        }
        _test.Until(() => clients.All(c => c.Received.Length == 4));
        for (var i = 0; i < count; i++)
            Assert.Equal(i, BinaryPrimitives.ReadInt32BigEndian(clients[i].Received.ToArray()));
        Assert.Equal(0, _test.Loop.Buffers.RentedBlocks);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(64 * 1024)]
    public void An_echo_round_trip_allocates_nothing(int size)
    {
        var (client, server) = _test.Pair();
        server.Echo();
        var message = new byte[size];
        var received = 0;
        var roundTrips = 0;
        client.Data = data =>
        {
            received += data.Length;
            if (received < size)
                return;
            received = 0;
            roundTrips++;
            client.Connection.Write(message);
        };
        client.Connection.Write(message);
        // As many blocks as the worst case keeps waiting, so that the pool need not grow later.
        FillPool();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var end = roundTrips + 2_000; roundTrips < end;)
                _test.Loop.RunTurn(100);
        }));
    }

    private void FillPool()
    {
        var blocks = Enumerable.Range(0, 32).Select(_ => _test.Loop.Buffers.Rent()).ToList();
        blocks.ForEach(_test.Loop.Buffers.Return);
    }

    private static SocketOption Option(int level, int name, int value) => new(level, name, BitConverter.GetBytes(value));

    private static byte[] Pattern(int length)
    {
        var data = new byte[length];
        for (var i = 0; i < length; i++)
            data[i] = (byte)(i * 31 + (i >> 9));
        return data;
    }
}
