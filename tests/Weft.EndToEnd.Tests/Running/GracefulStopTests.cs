using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Running;

/// <summary>SIGTERM: nobody who has been let in loses a request.</summary>
public sealed class GracefulStopTests
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Fact]
    public async Task No_request_fails_while_the_proxy_stops_under_load()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port), "--drain-strategy", "immediate");
        var port = await weft.Port("web");
        var clients = Enumerable.Range(0, 16).Select(_ => new Client()).ToList();
        var loops = clients.Select(client => client.RunAsync(port)).ToList();
        await weft.WaitForStat("http.web.downstream_rq_2xx", 500);

        Assert.Equal(0, await weft.StopAsync());

        await Task.WhenAll(loops);
        Assert.Equal(0, clients.Sum(client => client.Failed));
        Assert.True(clients.Sum(client => client.AskedToClose) > 0, "no response said connection: close");
    }

    [Fact]
    public async Task A_request_that_runs_is_finished_before_the_end()
    {
        var arrived = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            arrived.SetResult();
            await answer.Task;
            await peer.SendAsync(ScriptedUpstream.Ok("late"));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        var port = await weft.Port("web");
        using var client = await RawPeer.ConnectAsync(port);
        await client.SendAsync(Request);
        await arrived.Task;

        weft.Signal("TERM");
        await Wait.Until(async () => !await CanConnectAsync(port), "the listener to be closed");
        Assert.Equal(503, (int)(await weft.Http.GetAsync(new Uri(weft.Admin, "/ready"))).StatusCode);
        answer.SetResult();

        var response = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nconnection: close\r\n", response, StringComparison.Ordinal);
        Assert.EndsWith("late", response, StringComparison.Ordinal);
        Assert.Equal(0, await weft.WaitForExitAsync());
    }

    [Fact]
    public async Task A_second_signal_ends_it_without_waiting()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Request);
        await weft.WaitForStat("http.web.downstream_rq_active", 1);

        weft.Signal("TERM");
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("closing and draining listeners", StringComparison.Ordinal)), "the stop to begin");
        weft.Signal("TERM");

        Assert.Equal(0, await weft.WaitForExitAsync());
        Assert.Equal("", await client.ReadToEndAsync());
    }

    private static async Task<bool> CanConnectAsync(int port)
    {
        try
        {
            using var peer = await RawPeer.ConnectAsync(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Sends one request after the other on kept connections until it is not let in any more.</summary>
    private sealed class Client
    {
        public int Failed { get; private set; }

        public int AskedToClose { get; private set; }

        public async Task RunAsync(int port)
        {
            while (true)
            {
                RawPeer connection;
                try
                {
                    connection = await RawPeer.ConnectAsync(port);
                }
                catch (SocketException)
                {
                    return;
                }

                using (connection)
                {
                    if (!await UseAsync(connection))
                        return;
                }
            }
        }

        /// <summary>False when a request has failed.</summary>
        private async Task<bool> UseAsync(RawPeer connection)
        {
            for (var answered = 0; ; answered++)
            {
                try
                {
                    await connection.SendAsync(Request);
                    var answer = await connection.ReadUntilAsync("pong");
                    connection.Forget();
                    if (!answer.Contains("\r\nconnection: close\r\n", StringComparison.Ordinal))
                        continue;
                    AskedToClose++;
                    return true;
                }
                catch (Exception error) when (error is SocketException or EndOfStreamException)
                {
                    // One that was accepted by the kernel but not yet by the proxy cannot be told from one that was not let in.
                    if (answered == 0 && connection.Received.Length == 0)
                        return true;
                    Failed++;
                    return false;
                }
            }
        }
    }
}
