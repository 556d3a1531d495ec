namespace Weft.Net.Tests;

/// <summary>Connections to internal addresses, which stay within their loop: they behave as those of the kernel do.</summary>
public sealed class UserSpaceConnectionTests : IDisposable
{
    private readonly TestLoop _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Large_data_echoed_through_a_small_buffer_arrives_whole_and_nothing_stays_behind()
    {
        _test.Loop.InternalListeners.BufferBytes = 8 * 1024;
        var (client, server) = _test.InternalPair();
        server.Echo();
        var data = new byte[3_000_000];
        new Random(5).NextBytes(data);
        client.Do(c => c.Write(data));
        client.Do(c => c.ShutdownWrite());
        _test.Until(() => client.Closed is not null && server.Closed is not null);
        Assert.Equal(data, client.Received.ToArray());
        Assert.Equal((CloseReason.Remote, CloseReason.Remote), (client.Closed, server.Closed));
        Assert.Equal((3_000_000, 3_000_000), (client.Connection.BytesReceived, server.Connection.BytesReceived));
        Assert.Equal((0, 0), (_test.Loop.Buffers.RentedBlocks, _test.Loop.RegisteredCount));
    }

    [Fact]
    public void Each_end_knows_the_addresses_and_what_the_other_left()
    {
        _test.Loop.InternalListeners.Listen("inside", new Passing(_test));
        var client = _test.Connect(NetAddress.FromInternal("inside", "10.0.0.1:80"));
        client.Connection.PassThrough("hello");
        _test.Until(() => _test.Accepted.Count == 1);
        var server = _test.Accepted[0].Connection;
        Assert.Equal(("envoy://inside/10.0.0.1:80", "envoy://internal_client_address/"), (server.LocalAddress.ToString(), server.RemoteAddress.ToString()));
        Assert.Equal(("envoy://internal_client_address/", "envoy://inside/10.0.0.1:80"), (client.Connection.LocalAddress.ToString(), client.Connection.RemoteAddress.ToString()));
        Assert.Equal("hello", server.PassedThrough);
        Assert.Null(client.Connection.PassedThrough);
        Assert.True(server.IsInternal);
    }

    [Fact]
    public void Where_nobody_listens_the_connection_is_refused()
    {
        var client = _test.Connect(NetAddress.FromInternal("nobody"));
        _test.Until(() => client.Closed is not null);
        Assert.Equal((CloseReason.ConnectFailed, 111, false), (client.Closed, client.Connection.LastError, client.Connected));

        var (first, _) = _test.InternalPair();
        _test.Loop.InternalListeners.Stop("inside", new Passing(_test));
        var (second, _) = _test.InternalPair();
        Assert.True(first.Connected && second.Connected);
    }

    [Fact]
    public void A_connection_that_the_listener_turns_away_is_closed()
    {
        _test.Loop.InternalListeners.Listen("inside", new Refusing());
        var client = _test.Connect(NetAddress.FromInternal("inside"));
        _test.Until(() => client.Closed is not null);
        Assert.Equal((true, CloseReason.Remote), (client.Connected, client.Closed));
    }

    [Fact]
    public void A_reader_that_pauses_holds_the_writer_at_its_high_watermark()
    {
        _test.Loop.InternalListeners.BufferBytes = 64 * 1024;
        var (client, server) = _test.InternalPair();
        client.Connection.HighWatermarkBytes = 64 * 1024;
        server.Do(c => c.PauseReading());
        client.Do(c => c.Write(new byte[1_000_000]));
        _test.Settle();
        Assert.Equal((0, 1, 0), ((int)server.Received.Length, client.HighCalls, client.LowCalls));
        server.Do(c => c.ResumeReading());
        _test.Until(() => server.Received.Length == 1_000_000 && client.LowCalls == 1);
    }

    [Fact]
    public void The_end_of_one_direction_leaves_the_other_open()
    {
        var (client, server) = _test.InternalPair();
        client.Do(c => c.ShutdownWrite());
        _test.Until(() => server.ReadEnds == 1);
        server.Do(c => c.Write("still here"u8));
        _test.Until(() => client.Text == "still here");
        server.Do(c => c.Close(CloseMode.Flush));
        _test.Until(() => server.Closed is not null && client.Closed is not null);
        Assert.Equal((CloseReason.Remote, CloseReason.Local), (client.Closed, server.Closed));
    }

    [Theory]
    [InlineData(CloseMode.Now, CloseReason.Remote)]
    [InlineData(CloseMode.Abort, CloseReason.RemoteReset)]
    public void A_close_is_an_end_and_an_abort_a_reset_for_the_other_side(CloseMode mode, CloseReason expected)
    {
        var (client, server) = _test.InternalPair();
        server.Do(c => c.Write("last"u8));
        _test.Until(() => client.Text == "last");
        server.Do(c => c.Close(mode));
        _test.Until(() => client.Closed is not null);
        Assert.Equal(expected, client.Closed);
        Assert.Null(server.Closed);
        client.Do(c => c.Write("to nobody"u8));
    }

    [Fact]
    public void What_was_written_before_a_close_is_still_read()
    {
        var (client, server) = _test.InternalPair();
        client.Do(c => c.PauseReading());
        server.Do(c => c.Write("the end"u8));
        _test.Settle();
        server.Do(c => c.Close(CloseMode.Flush));
        _test.Settle();
        Assert.Null(client.Closed);
        client.Do(c => c.ResumeReading());
        _test.Until(() => client.Closed is not null);
        Assert.Equal("the end", client.Text);
    }

    [Fact]
    public void A_handler_that_throws_loses_its_connection_and_no_other()
    {
        var faults = new List<Exception>();
        _test.Loop.UnhandledException = faults.Add;
        var (client, server) = _test.InternalPair();
        var (other, otherServer) = _test.InternalPair();
        server.Data = _ => throw new InvalidOperationException("a bug");
        client.Do(c => c.Write("x"u8));
        other.Do(c => c.Write("y"u8));
        _test.Until(() => client.Closed is not null && otherServer.Text == "y");
        Assert.Equal(CloseReason.RemoteReset, client.Closed);
        Assert.Single(faults);
    }

    private sealed class Passing(TestLoop test) : IAcceptHandler
    {
        public IConnectionHandler OnAccept(Connection connection)
        {
            test.Accepted.Add(new Recorder(connection));
            return test.Accepted[^1];
        }

        public void OnAcceptError(int errno)
        {
        }
    }

    private sealed class Refusing : IAcceptHandler
    {
        public IConnectionHandler? OnAccept(Connection connection) => null;

        public void OnAcceptError(int errno)
        {
        }
    }
}
