using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Clients that send their headers so slowly that they never end: they cost little, more bytes cost no more, and request_headers_timeout ends them.</summary>
public sealed class SlowHeadersTests
{
    private const string Begun = "GET / HTTP/1.1\r\nhost: a\r\nx-slow: ";
    private const int Drips = 10;

    [Fact]
    public async Task Thousands_of_slow_clients_cost_little()
    {
        const int Clients = 4000;
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        var port = await weft.Port("web");
        var before = weft.ResidentBytes;
        var clients = new List<RawPeer>();
        try
        {
            await ConnectAsync(clients, Clients, port);
            await weft.WaitForStat("http.web.downstream_cx_rx_bytes_total", Clients * Begun.Length);
            var connected = weft.ResidentBytes;
            Assert.InRange(connected - before, long.MinValue, Clients * 16L * 1024);
            for (var i = 0; i < Drips; i++)
            {
                foreach (var client in clients)
                    await client.SendAsync("a");
            }

            await weft.WaitForStat("http.web.downstream_cx_rx_bytes_total", Clients * (Begun.Length + Drips));
            Assert.InRange(weft.ResidentBytes - connected, long.MinValue, 8 << 20);
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

    [Fact]
    public async Task Slow_clients_are_sent_away_in_time()
    {
        const int Clients = 1000;
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, manager: "          request_headers_timeout: 1s"));
        var clients = new List<RawPeer>();
        try
        {
            await ConnectAsync(clients, Clients, await weft.Port("web"));
            foreach (var client in clients)
                Assert.StartsWith("HTTP/1.1 408 Request Timeout\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
            await weft.WaitForStat("http.web.downstream_rq_header_timeout", Clients);
            Assert.Equal(0, upstream.Connections);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await Wait.Until(async () => await weft.Stat("http.web.downstream_cx_active") == 0, "all connections to be gone");
    }

    /// <summary>Each begins a request and does not end it.</summary>
    private static async Task ConnectAsync(List<RawPeer> clients, int count, int port)
    {
        for (var i = 0; i < count; i++)
        {
            clients.Add(await RawPeer.ConnectAsync(port));
            await clients[i].SendAsync(Begun);
        }
    }
}
