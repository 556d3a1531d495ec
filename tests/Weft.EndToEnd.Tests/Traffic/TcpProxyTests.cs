using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>TcpProxy keeps the two directions of a connection apart to the end.</summary>
public sealed class TcpProxyTests
{
    [Fact]
    public async Task A_client_that_has_finished_sending_still_gets_its_answer()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.SendAsync("got: " + await peer.ReadToEndAsync()));
        await using var weft = await WeftProcess.StartAsync(Configs.TcpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("question");
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal("got: question", await client.ReadToEndAsync());
        await weft.WaitForStat("tcp.web.downstream_cx_rx_bytes_total", 8);
    }

    [Fact]
    public async Task A_server_that_has_finished_sending_still_gets_the_rest()
    {
        var rest = new TaskCompletionSource<string>();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.SendAsync("greeting");
            peer.Socket.Shutdown(SocketShutdown.Send);
            rest.SetResult(await peer.ReadToEndAsync());
        });
        await using var weft = await WeftProcess.StartAsync(Configs.TcpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        Assert.Equal("greeting", await client.ReadToEndAsync());
        await client.SendAsync("late answer");
        client.Socket.Shutdown(SocketShutdown.Send);

        Assert.Equal("late answer", await rest.Task);
    }

    [Fact]
    public async Task A_reset_of_one_side_ends_the_other()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("now");
            peer.Abort();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.TcpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("now");

        Assert.Equal("", await client.ReadToEndAsync());
        await Wait.Until(async () => await weft.Stat("cluster.backend.upstream_cx_active") == 0, "the upstream connection to be gone");
    }
}
