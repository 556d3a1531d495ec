using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>connection_balance_config.</summary>
public sealed class ConnectionBalanceTests
{
    [Fact]
    public async Task Exact_balance_gives_every_worker_the_same_number_of_connections()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("ok"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(
            upstream.Port,
            listener: "    stat_prefix: web\n    connection_balance_config: { exact_balance: {} }"));
        var port = await weft.Port("web");
        var clients = new List<RawPeer>();
        for (var i = 0; i < 20; i++)
        {
            var client = await RawPeer.ConnectAsync(port);
            clients.Add(client);
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("ok"), StringComparison.Ordinal);
        }

        await weft.ExpectStat("listener.web.worker_0.downstream_cx_active", 10);
        await weft.ExpectStat("listener.web.worker_1.downstream_cx_active", 10);
        foreach (var client in clients)
            client.Dispose();
    }
}
