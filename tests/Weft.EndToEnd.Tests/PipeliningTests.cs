using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests;

/// <summary>Several requests at once on one client connection.</summary>
public sealed class PipeliningTests
{
    private const string Routes = """
                      - { match: { path: /direct }, direct_response: { status: 200, body: { inline_string: "direct" } } }
                      - { match: { prefix: / }, route: { cluster: backend } }
        """;

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("upstream"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, routes: Routes));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        var request = string.Concat(Enumerable.Range(0, 200).Select(i => $"GET {(i % 2 == 0 ? "/direct" : "/x")} HTTP/1.1\r\nhost: a\r\n\r\n"));
        await client.SendAsync(request + "GET /direct HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        var all = await client.ReadToEndAsync();
        var bodies = all.Split("\r\n\r\n").Skip(1).Select(part => part.Split("HTTP/1.1")[0]).ToList();
        Assert.Equal(Enumerable.Range(0, 201).Select(i => i % 2 == 0 ? "direct" : "upstream"), bodies);
        Assert.Contains("connection: close", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_requests_that_wait_are_answered_in_order_too()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var path = (await peer.ReadUntilAsync("\r\n\r\n")).Split(' ')[1];
                peer.Forget();
                await peer.SendAsync(ScriptedUpstream.Ok(path));
            }
        });
        // Each waits for a turn of its own: one that goes on must not let the next one in before it is answered.
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port) + "\nlayered_runtime: { layers: [ { name: static, static_layer: { http.max_requests_per_io_cycle: 1 } } ] }\n");
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(string.Concat(Enumerable.Range(0, 100).Select(i => $"GET /{i} HTTP/1.1\r\nhost: a\r\n\r\n")) + "POST /last HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nconnection: close\r\n\r\nbody");
        var bodies = (await client.ReadToEndAsync()).Split("\r\n\r\n").Skip(1).Select(part => part.Split("HTTP/1.1")[0]);
        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"/{i}"), "/last"], bodies);
    }
}
