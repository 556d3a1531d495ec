using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Many clients at once: nobody gets another's answer, and those who wait cost little.</summary>
public sealed class ManyConnectionsTests
{
    [Fact]
    public async Task Two_thousand_idle_connections_stay_usable_and_cost_little_memory()
    {
        const int Count = 2000;
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("pong"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        var port = await weft.Port("web");
        var before = weft.ResidentBytes;
        var clients = new List<RawPeer>();
        try
        {
            for (var i = 0; i < Count; i++)
                clients.Add(await RawPeer.ConnectAsync(port));
            await AskAllAsync(clients);
            await weft.WaitForStat("http.web.downstream_cx_active", Count);
            Assert.InRange(weft.ResidentBytes - before, long.MinValue, 48 << 20);
            await AskAllAsync(clients);
            await weft.ExpectStat("http.web.downstream_cx_total", Count);
            await weft.WaitForStat("http.web.downstream_rq_2xx", 2 * Count);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        await Wait.Until(async () => await weft.Stat("http.web.downstream_cx_active") == 0, "all connections to be gone");
    }

    [Fact]
    public async Task Parallel_clients_each_get_their_own_answers()
    {
        const int Clients = 64;
        const int Requests = 100;
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var path = (await peer.ReadUntilAsync("\r\n\r\n")).Split(' ')[1];
                peer.Forget();
                await peer.SendAsync(ScriptedUpstream.Ok(path + new string('.', path.Length * 37) + "end"));
            }
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        var port = await weft.Port("web");

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async id =>
        {
            using var client = await RawPeer.ConnectAsync(port);
            for (var i = 0; i < Requests; i++)
            {
                var path = $"/client{id}/request{i}";
                await client.SendAsync($"GET {path} HTTP/1.1\r\nhost: a\r\n\r\n");
                var answer = await client.ReadUntilAsync("end");
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
                Assert.EndsWith("\r\n\r\n" + path + new string('.', path.Length * 37) + "end", answer, StringComparison.Ordinal);
                client.Forget();
            }
        }));

        await weft.WaitForStat("http.web.downstream_rq_2xx", Clients * Requests);
        Assert.Equal(0, await weft.Stat("http.web.downstream_rq_5xx"));
        await Wait.Until(async () => await weft.Stat("cluster.backend.upstream_rq_active") == 0, "no request to be left");
    }

    private static async Task AskAllAsync(List<RawPeer> clients)
    {
        foreach (var group in clients.Chunk(100))
        {
            await Task.WhenAll(group.Select(async client =>
            {
                await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("pong"), StringComparison.Ordinal);
                client.Forget();
            }));
        }
    }
}
