using System.Net.Sockets;
using System.Text;

namespace Weft.Net.Tests;

/// <summary>
/// Many connections readable and written to in one turn: their reads are made before any is handed out, their sends before any goes on. Holds just
/// as well where calls are made one by one.
/// </summary>
public sealed class BatchingTests : IDisposable
{
    private const int Many = 40;
    private readonly TestLoop _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Everyone_gets_their_own_bytes_back()
    {
        var pairs = Pairs();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < Many; i++)
            {
                var text = $"{i}:{round};";
                pairs[i].Client.Do(c => c.Write(Encoding.ASCII.GetBytes(text)));
                pairs[i].Server.Echo();
            }
        }

        for (var i = 0; i < Many; i++)
        {
            var (client, expected) = (pairs[i].Client, string.Concat(Enumerable.Range(0, 20).Select(round => $"{i}:{round};")));
            _test.Until(() => client.Text.Length == expected.Length);
            Assert.Equal(expected, client.Text);
        }
    }

    [Fact]
    public void Bytes_of_a_connection_that_another_one_paused_come_when_it_resumes_in_order()
    {
        var servers = Readable(out var peers);
        var first = FirstPausesOthers(servers);
        _test.Settle();
        foreach (var peer in peers)
            peer.Send("second"u8);
        _test.Until(() => first.Text == "first second");
        Assert.All(servers.Where(server => server != first), server => Assert.Equal("", server.Text));

        foreach (var server in servers.Where(server => server != first))
            server.Do(c => c.ResumeReading());
        _test.Until(() => servers.All(server => server.Text == "first second"));
        Assert.All(servers, server => Assert.Equal(12, server.Connection.BytesReceived));
    }

    [Fact]
    public void Bytes_read_ahead_of_a_reset_wait_for_the_paused_handler()
    {
        var servers = Readable(out var peers);
        var first = FirstPausesOthers(servers);
        foreach (var peer in peers)
            peer.Close(0);
        _test.Until(() => first.Closed is not null);
        _test.Settle();
        foreach (var server in servers.Where(server => server != first && server.Closed is null))
            server.Do(c => c.ResumeReading());
        _test.Until(() => servers.All(server => server.Closed is not null));
        Assert.All(servers, server => Assert.Equal("first ", server.Text));
    }

    [Fact]
    public void A_connection_that_another_one_closed_hears_nothing_more()
    {
        var servers = Readable(out _);
        foreach (var server in servers)
        {
            server.Data = data =>
            {
                server.Received.Write(data);
                foreach (var other in servers.Where(other => other != server))
                    other.Connection.Close(CloseMode.Now);
            };
        }

        _test.Until(() => servers.Any(server => server.Received.Length > 0));
        _test.Settle();
        Assert.Single(servers, server => server.Received.Length > 0);
    }

    [Fact]
    public void Ends_and_resets_in_a_batch_are_told_behind_the_bytes_before_them()
    {
        var servers = Readable(out var peers);
        for (var i = 0; i < Many; i++)
        {
            if (i % 3 == 1)
                peers[i].Shutdown(SocketShutdown.Send);
            if (i % 3 == 2)
                peers[i].Close(0);
        }

        _test.Until(() => servers.Where((_, i) => i % 3 == 2).All(server => server.Closed is not null));
        _test.Until(() => servers.Where((_, i) => i % 3 == 1).All(server => server.ReadEnds == 1));
        for (var i = 0; i < Many; i++)
        {
            // What stands before a reset may be lost with it, in the kernel.
            if (i % 3 != 2)
                Assert.Equal("first ", servers[i].Text);
            else
                Assert.Equal(CloseReason.RemoteReset, servers[i].Closed);
            if (i % 3 == 0)
                Assert.Equal((0, null), (servers[i].ReadEnds, servers[i].Closed));
        }
    }

    [Fact]
    public void Large_data_on_many_connections_arrives_whole_however_small_the_sockets_buffers()
    {
        SocketOption[] tiny = [new SocketOption(1, 7, BitConverter.GetBytes(4096)), new SocketOption(1, 8, BitConverter.GetBytes(4096))];
        var pairs = Enumerable.Range(0, 8).Select(_ => _test.Pair(listen: new ListenOptions { SocketOptions = tiny }, connect: new ConnectOptions { SocketOptions = tiny })).ToList();
        var data = Enumerable.Range(0, 300_000).Select(static i => (byte)(i * 31 >> 3)).ToArray();
        foreach (var (client, server) in pairs)
        {
            server.Echo();
            for (var at = 0; at < data.Length; at += 3_000)
                client.Do(c => c.Write(data.AsSpan(at, 3_000)));
            client.Do(c => c.ShutdownWrite());
        }

        _test.Until(() => pairs.All(pair => pair.Client.Closed is not null && pair.Server.Closed is not null));
        Assert.All(pairs, pair => Assert.Equal(data, pair.Client.Received.ToArray()));
        Assert.Equal(0, _test.Loop.Buffers.RentedBlocks);
    }

    [Fact]
    public void A_write_to_a_connection_whose_send_was_just_made_is_not_sent_twice()
    {
        var pairs = Pairs();
        for (var i = 0; i < Many; i += 2)
            pairs[i].Client.Connection.ShutdownWrite();
        _test.Until(() => pairs.Where((_, i) => i % 2 == 0).All(pair => pair.Server.ReadEnds == 1));
        for (var i = 0; i < Many; i++)
        {
            pairs[i].Server.Connection.Write(new byte[100]);
            if (i % 2 == 1)
                continue;
            // Both sides have ended, so the flush closes it; its neighbour, flushed in the same batch, then gets a large piece.
            var neighbour = pairs[i + 1].Server.Connection;
            pairs[i].Server.OnClose = () => neighbour.Write(new byte[20_000]);
            pairs[i].Server.Connection.ShutdownWrite();
        }

        _test.Until(() => pairs.Where((_, i) => i % 2 == 1).All(pair => pair.Client.Received.Length >= 20_100));
        _test.Settle();
        Assert.All(pairs.Where((_, i) => i % 2 == 1), pair => Assert.Equal(20_100, pair.Client.Received.Length));
    }

    private List<(Recorder Client, Recorder Server)> Pairs() => [.. Enumerable.Range(0, Many).Select(_ => _test.Pair())];

    /// <summary>Accepted connections, all of which have bytes to read before the loop turns again.</summary>
    private List<Recorder> Readable(out List<Socket> peers)
    {
        var all = Enumerable.Range(0, Many).Select(_ => _test.PlainPeer()).ToList();
        peers = [.. all.Select(static pair => pair.Peer)];
        foreach (var peer in peers)
            peer.Send("first "u8);
        return [.. all.Select(static pair => pair.Server)];
    }

    /// <summary>The first of them that hears its peer pauses all others; waits until it has.</summary>
    private Recorder FirstPausesOthers(IReadOnlyList<Recorder> servers)
    {
        Recorder? first = null;
        foreach (var server in servers)
        {
            server.Data = data =>
            {
                server.Received.Write(data);
                if (first is not null)
                    return;
                first = server;
                foreach (var other in servers.Where(other => other != server))
                    other.Connection.PauseReading();
            };
        }

        _test.Until(() => first is not null);
        return first!;
    }
}
