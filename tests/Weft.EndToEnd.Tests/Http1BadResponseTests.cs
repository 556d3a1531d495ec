using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests;

/// <summary>What a broken upstream may answer, and what the client then gets.</summary>
public sealed class Http1BadResponseTests
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    public static TheoryData<string> NotHttp =>
    [
        "HTTP/1.1 99 Low\r\n\r\n",
        "HTTP/1.1 1000 High\r\n\r\n",
        "HTTP/1.1 \r\n\r\n",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
    ];

    [Theory]
    [MemberData(nameof(NotHttp))]
    public async Task An_answer_that_is_not_HTTP_becomes_502(string response)
    {
        using var upstream = ScriptedUpstream.Answering(response);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Request);
        var answer = await client.ReadUntilAsync("protocol error");
        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        await weft.WaitForStat("cluster.backend.upstream_cx_protocol_error", 1);
    }

    [Fact]
    public async Task Bytes_behind_a_response_never_become_the_next_clients_answer()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("good") + ScriptedUpstream.Ok("evil"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        for (var i = 0; i < 3; i++)
        {
            client.Forget();
            await client.SendAsync(Request);
            Assert.DoesNotContain("evil", await client.ReadUntilAsync("good"), StringComparison.Ordinal);
        }

        await weft.WaitForStat("cluster.backend.upstream_cx_protocol_error", 3);
        Assert.Equal(3, upstream.Connections);
    }

    [Fact]
    public async Task A_connection_closed_before_the_answer_is_503_UC()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadUntilAsync("\r\n\r\n"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Request);
        var answer = await client.ReadUntilAsync("connection termination");
        Assert.StartsWith("HTTP/1.1 503 ", answer, StringComparison.Ordinal);
        Assert.Contains("upstream connect error or disconnect/reset before headers. reset reason: connection termination", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_connection_that_the_upstream_closed_costs_no_request()
    {
        using var closed = new SemaphoreSlim(0);
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync(ScriptedUpstream.Ok("once"));
            peer.Dispose();
            closed.Release();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        for (var i = 0; i < 20; i++)
        {
            client.Forget();
            await client.SendAsync(Request);
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("once"), StringComparison.Ordinal);
            Assert.True(await closed.WaitAsync(Patience.Limit));
        }
    }

    [Fact]
    public async Task A_response_cut_short_ends_the_clients_connection()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\npart");
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync(Request);
        var all = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", all, StringComparison.Ordinal);
        Assert.EndsWith("part", all, StringComparison.Ordinal);
    }
}
