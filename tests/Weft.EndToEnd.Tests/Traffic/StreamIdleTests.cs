using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>stream_idle_timeout: peers that stop in the middle.</summary>
public sealed class StreamIdleTests
{
    private const string Timeout = "          stream_idle_timeout: 0.3s";

    [Fact]
    public async Task A_client_that_stops_sending_its_body_is_answered_408()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, Timeout));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\na");
        var all = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 408 ", all, StringComparison.Ordinal);
        Assert.EndsWith("stream timeout", all, StringComparison.Ordinal);
        await weft.ExpectStat("http.web.downstream_rq_idle_timeout", 1);
    }

    [Fact]
    public async Task An_upstream_that_never_answers_is_504_at_the_stream_idle_timeout()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, Timeout));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 504 ", await client.ReadUntilAsync("stream timeout"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_never_reads_its_response_loses_it()
    {
        const int Length = 64 * 1024 * 1024;
        var body = new string('x', Length);
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {Length}\r\n\r\n");
            await peer.SendAsync(body);
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, "          stream_idle_timeout: 5s"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await weft.WaitForStat("http.web.downstream_rq_idle_timeout", 1);
        await weft.WaitForStat("http.web.downstream_rq_tx_reset", 1);
        await weft.WaitForStat("http.web.downstream_cx_destroy", 1);
        await weft.WaitForStat("cluster.backend.upstream_cx_destroy", 1);
    }
}
