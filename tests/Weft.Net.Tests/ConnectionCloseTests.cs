using System.Net.Sockets;

namespace Weft.Net.Tests;

/// <summary>Half-close, orderly ends, resets, and closing from within callbacks.</summary>
public sealed class ConnectionCloseTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly TestLoop _test;

    public ConnectionCloseTests() => _test = new TestLoop(_time);

    public void Dispose() => _test.Dispose();

    [Fact]
    public void After_the_peers_end_we_can_still_answer()
    {
        var (client, server) = _test.Pair();
        client.Do(c => c.Write("question"u8));
        client.Do(c => c.ShutdownWrite());
        _test.Until(() => server.ReadEnds == 1);
        Assert.Equal("question", server.Text);
        Assert.True(server.Connection.ReadEnded);
        Assert.Null(server.Closed);
        server.Do(c => c.Write("answer"u8));
        _test.Until(() => client.Text == "answer");
        server.Do(c => c.ShutdownWrite());
        _test.Until(() => client.Closed is not null && server.Closed is not null);
        Assert.Equal(CloseReason.Remote, client.Closed);
        Assert.Equal(CloseReason.Remote, server.Closed);
        Assert.Equal(1, client.ReadEnds);
    }

    [Fact]
    public void After_our_own_end_we_can_still_read()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.ShutdownWrite());
        _test.Until(() => client.ReadEnds == 1);
        client.Do(c => c.Write("still"u8));
        _test.Until(() => server.Text == "still");
        server.Do(c => c.Write("dropped"u8));
        _test.Settle();
        Assert.Equal("", client.Text);
    }

    [Fact]
    public void A_close_after_flush_delivers_everything_and_tells_the_close()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.Write(new byte[3_000_000]));
        server.Do(c => c.Close(CloseMode.Flush));
        Assert.False(server.Connection.IsOpen);
        client.OnEnd = () => client.Connection.Close(CloseMode.Now);
        _test.Until(() => server.Closed is not null);
        Assert.Equal(3_000_000, client.Received.Length);
        Assert.Equal(CloseReason.Local, server.Closed);
        Assert.Null(client.Closed);
    }

    [Fact]
    public void A_client_that_is_still_sending_gets_our_last_answer()
    {
        var (peer, server) = _test.PlainPeer();
        server.Data = _ =>
        {
            server.Connection.Write("413"u8);
            server.Connection.Close(CloseMode.Flush);
        };
        // Keeps sending until long after the answer has been sent.
        peer.Blocking = false;
        var sent = 0L;
        while (sent < 20_000_000)
        {
            sent += peer.Send(new byte[65_536], SocketFlags.None, out var error);
            Assert.True(error is SocketError.Success or SocketError.WouldBlock, error.ToString());
            _test.Loop.RunTurn(0);
        }
        peer.Blocking = true;
        peer.Shutdown(SocketShutdown.Send);
        var answer = new byte[10];
        Assert.Equal(3, peer.Receive(answer));
        Assert.Equal(0, peer.Receive(answer));
        _test.Until(() => server.Closed == CloseReason.Local);
    }

    [Fact]
    public void A_peer_that_never_closes_is_waited_for_only_the_linger_time()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.Close(CloseMode.Flush));
        _test.Until(() => client.ReadEnds == 1);
        _time.AdvanceMs(999);
        _test.Settle();
        Assert.Null(server.Closed);
        _time.AdvanceMs(1);
        _test.Until(() => server.Closed == CloseReason.Local);
    }

    [Fact]
    public void A_peer_that_reads_nothing_is_waited_for_only_the_linger_time()
    {
        var (peer, server) = _test.PlainPeer();
        server.Connection.LingerMs = 5_000;
        server.Do(c => c.Write(new byte[30_000_000]));
        server.Do(c => c.Close(CloseMode.Flush));
        _test.Settle();
        Assert.Null(server.Closed);
        _time.AdvanceMs(5_001);
        _test.Until(() => server.Closed == CloseReason.Local);
        Assert.Equal(0, _test.Loop.Buffers.RentedBlocks);
        peer.Close();
    }

    [Fact]
    public void A_paused_connection_closed_after_flush_still_ends_with_its_peer()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.PauseReading());
        client.Do(c => c.Write("unread"u8));
        client.Do(c => c.ShutdownWrite());
        _test.Settle();
        server.Do(c => c.Close(CloseMode.Flush));
        _test.Until(() => server.Closed == CloseReason.Local);
        _test.Until(() => client.Closed == CloseReason.Remote);
        Assert.Equal("", server.Text);
    }

    [Fact]
    public void A_close_now_is_an_orderly_end_for_the_peer_and_is_not_told_to_the_closer()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.Close(CloseMode.Now));
        _test.Until(() => client.ReadEnds == 1);
        Assert.Null(server.Closed);
        Assert.False(server.Connection.IsOpen);
        Assert.NotEqual(NetAddressKind.None, server.Connection.LocalAddress.Kind);
    }

    [Fact]
    public void An_abort_resets_the_peer()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.Close(CloseMode.Abort));
        _test.Until(() => client.Closed is not null);
        Assert.Equal(CloseReason.RemoteReset, client.Closed);
        Assert.Equal(104, client.Connection.LastError);
        Assert.Null(server.Closed);
    }

    [Fact]
    public void A_reset_is_told_to_a_paused_connection_that_has_nothing_left_to_read()
    {
        var (client, server) = _test.Pair();
        client.Do(c => c.PauseReading());
        server.Do(c => c.Close(CloseMode.Abort));
        _test.Until(() => client.Closed == CloseReason.RemoteReset);
    }

    [Fact]
    public void Data_before_a_reset_is_kept_for_a_paused_connection()
    {
        var (client, server) = _test.Pair();
        client.Do(c => c.PauseReading());
        server.Do(c => c.Write("last words"u8));
        _test.Settle();
        server.Do(c => c.Close(CloseMode.Abort));
        _test.Settle();
        Assert.Null(client.Closed);
        client.Do(c => c.ResumeReading());
        _test.Until(() => client.Closed == CloseReason.RemoteReset);
        Assert.Equal("last words", client.Text);
    }

    [Fact]
    public void An_early_answer_is_read_although_our_own_bytes_are_refused()
    {
        var (client, server) = _test.Pair();
        server.Do(c => c.PauseReading());
        client.Do(c => c.PauseReading());
        client.Do(c => c.Write(new byte[100_000]));
        _test.Settle();
        server.Do(c => c.Write("no, thank you"u8));
        _test.Settle();
        // Unread bytes make this close a reset.
        server.Do(c => c.Close(CloseMode.Now));
        _test.Settle();
        client.Do(c => c.Write(new byte[20_000]));
        client.Do(c => c.ResumeReading());
        _test.Until(() => client.Closed is not null);
        Assert.Equal("no, thank you", client.Text);
        Assert.Equal(CloseReason.RemoteReset, client.Closed);
    }

    [Fact]
    public void A_reset_after_the_peers_end_is_told()
    {
        var (peer, server) = _test.PlainPeer();
        peer.Shutdown(SocketShutdown.Send);
        _test.Until(() => server.ReadEnds == 1);
        peer.LingerState = new LingerOption(true, 0);
        peer.Close();
        _test.Until(() => server.Closed == CloseReason.RemoteReset);
    }

    [Theory]
    [InlineData(CloseMode.Now)]
    [InlineData(CloseMode.Abort)]
    [InlineData(CloseMode.Flush)]
    public void A_connection_may_be_closed_within_any_of_its_callbacks(CloseMode mode)
    {
        foreach (var where in new[] { "accept", "connected", "data", "end", "high", "low", "closed" })
        {
            var (client, server) = CloseWithin(where, mode);
            _test.Until(() => client.Closed is not null || !client.Connection.IsOpen || client.ReadEnds > 0);
            client.Connection.Close(CloseMode.Abort);
            server?.Connection.Close(CloseMode.Abort);
            _test.Settle();
        }
        Assert.Equal(0, _test.Loop.Buffers.RentedBlocks);
    }

    [Fact]
    public void A_callback_may_close_another_connection_whose_events_wait_in_the_same_batch()
    {
        var (first, firstServer) = _test.Pair();
        var (second, secondServer) = _test.Pair();
        firstServer.Data = _ => secondServer.Connection.Close(CloseMode.Now);
        secondServer.Data = _ => firstServer.Connection.Close(CloseMode.Now);
        first.Do(c => c.Write("a"u8));
        second.Do(c => c.Write("b"u8));
        _test.Until(() => first.ReadEnds + second.ReadEnds + (first.Closed is null ? 0 : 1) + (second.Closed is null ? 0 : 1) > 0);
        Assert.NotEqual(firstServer.Connection.IsOpen, secondServer.Connection.IsOpen);
    }

    [Fact]
    public void A_handler_that_throws_loses_its_connection_and_no_other()
    {
        var (bad, badServer) = _test.Pair();
        var (good, goodServer) = _test.Pair();
        var reported = new List<string>();
        _test.Loop.UnhandledException = e => reported.Add(e.Message);
        badServer.Data = _ => throw new InvalidOperationException("bug");
        goodServer.Echo();
        bad.Do(c => c.Write("x"u8));
        good.Do(c => c.Write("y"u8));
        _test.Until(() => good.Text == "y" && bad.Closed == CloseReason.RemoteReset);
        Assert.Equal(["bug"], reported);
        Assert.Equal(CloseReason.Local, badServer.Closed);
    }

    [Fact]
    public void Calls_on_a_closed_connection_do_nothing()
    {
        var (client, _) = _test.Pair();
        client.Do(c => c.Close(CloseMode.Now));
        client.Do(c =>
        {
            c.Write(new byte[100]);
            c.Write(new byte[100_000]);
            c.Output.Append("x"u8);
            c.ScheduleFlush();
            c.ShutdownWrite();
            c.PauseReading();
            c.ResumeReading();
            c.Close(CloseMode.Flush);
            c.Close(CloseMode.Abort);
        });
        _test.Settle();
        Assert.Equal(0, _test.Loop.Buffers.RentedBlocks);
        Assert.Null(client.Closed);
    }

    [Fact]
    public void A_connection_passed_on_reports_to_its_new_handler()
    {
        var (client, server) = _test.Pair();
        var next = new Recorder(client.Connection);
        client.Connection.Handler = next;
        server.Do(c => c.Write("for the next"u8));
        server.Do(c => c.ShutdownWrite());
        _test.Until(() => next.ReadEnds == 1);
        Assert.Equal("for the next", next.Text);
        Assert.Equal("", client.Text);
    }

    private (Recorder Client, Recorder? Server) CloseWithin(string where, CloseMode mode)
    {
        Recorder? server = null;
        var listener = _test.Listen(accept: connection =>
        {
            server = new Recorder(connection);
            if (where == "accept")
                connection.Close(mode);
            server.Connection.HighWatermarkBytes = 100_000;
            void CloseIt() => server.Connection.Close(mode);
            server.Data = _ => On("data", CloseIt);
            server.OnEnd = () => On("end", CloseIt);
            server.OnHigh = () => On("high", CloseIt);
            server.OnLow = () => On("low", CloseIt);
            server.OnClose = () => On("closed", CloseIt);
            return server;
        });
        var client = _test.Connect(listener.LocalAddress);
        client.OnConnect = () => On("connected", () => client.Connection.Close(mode));
        _test.Until(() => client.Closed is not null || client.Connected && server is not null);
        client.Do(c => c.Write("x"u8));
        if (where is "high" or "low")
        {
            client.Connection.PauseReading();
            server!.Connection.Write(new byte[20_000_000]);
            client.Connection.ResumeReading();
        }
        if (where is "end" or "closed")
            client.Do(c => c.ShutdownWrite());
        if (where is "closed")
            client.Do(c => c.Close(CloseMode.Abort));
        return (client, server);

        void On(string place, Action action)
        {
            if (place == where)
                action();
        }
    }
}
