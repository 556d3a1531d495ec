using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Clients that send their headers so slowly that they never end: they cost little, more bytes cost no more, and request_headers_timeout ends them.</summary>
public sealed class SlowHeadersTests
{
    private const int Clients = 4000;
    private const int Drips = 10;

    [Fact]
    public async Task Thousands_of_slow_clients_cost_little_and_are_sent_away()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: "          request_headers_timeout: 10s"));
        var port = await weft.Port("web");
        var before = weft.ResidentBytes;
        var clients = new List<RawPeer>();
        try
        {
            for (var i = 0; i < Clients; i++)
            {
                clients.Add(await RawPeer.ConnectAsync(port));
                await clients[i].SendAsync("GET / HTTP/1.1\r\nhost: a\r\nx-slow: ");
            }

            await weft.WaitForStat("http.web.downstream_cx_active", Clients);
            var connected = weft.ResidentBytes;
            Assert.InRange(connected - before, 0, Clients * 16L * 1024);
            await DripAsync(clients);
            Assert.InRange(weft.ResidentBytes - connected, long.MinValue, 8 << 20);

            foreach (var client in clients)
                Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
            await weft.WaitForStat("http.web.downstream_rq_header_timeout", Clients);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await Wait.Until(async () => await weft.Stat("http.web.downstream_cx_active") == 0, "all connections to be gone");
        using var quick = await RawPeer.ConnectAsync(port);
        await quick.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await quick.ReadUntilAsync("pong");
    }

    /// <summary>Each goes on byte by byte.</summary>
    private static async Task DripAsync(List<RawPeer> clients)
    {
        for (var i = 0; i < Drips; i++)
        {
            foreach (var client in clients)
            {
                try
                {
                    await client.SendAsync("a");
                }
                catch (SocketException)
                {
                    // It took long, and this one has been sent away already.
                }
            }
        }
    }
}
