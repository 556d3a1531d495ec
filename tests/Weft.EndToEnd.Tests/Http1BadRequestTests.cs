using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests;

/// <summary>What a hostile or broken client may send, and what it, the upstream and the counters then see.</summary>
public sealed class Http1BadRequestTests(Http1BadRequestTests.OneProxy shared) : IClassFixture<Http1BadRequestTests.OneProxy>
{
    public static TheoryData<string, int> Refused => new()
    {
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity,chunked\r\ncontent-length: 3\r\n\r\nabc", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 501 },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501 },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: blegh\r\n\r\n", 501 },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: +1\r\n\r\na", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0x10\r\n\r\na", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\na", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 1\r\n\r\na", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: \r\n\r\na", 400 },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9223372036854775808\r\n\r\na", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\nx: y\r\n\ttransfer-encoding: chunked\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\ncontent-length : 5\r\n\r\nabcde", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\n: x\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\nfoo bar\r\n\r\n", 400 },
        { "GET / HTTP/1.1\nhost: a\n\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\nx: a\rb\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n", 400 },
        { "GET / HTTP/1.01\r\nhost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.32\r\nhost: a\r\n\r\n", 400 },
        { "GET / HTTP/2.0\r\nhost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.0\r\nhost: a\r\n\r\n", 426 },
        { "GET / HTTP/1.1\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a@b\r\n\r\n", 400 },
        { "GET hps://x HTTP/1.1\r\nhost: x\r\n\r\n", 400 },
        { "GET * HTTP/1.1\r\nhost: a\r\n\r\n", 400 },
        { "GET admin HTTP/1.1\r\nhost: a\r\n\r\n", 400 },
        { "CONNECT / HTTP/1.1\r\nhost: a\r\n\r\n", 400 },
        { "CONNECT host HTTP/1.1\r\nhost: host\r\n\r\n", 400 },
        { "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n", 404 },
        { "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", 403 },
        { "GET /a#b HTTP/1.1\r\nhost: a\r\n\r\n", 400 },
        { "GET /%00 HTTP/1.1\r\nhost: a\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\n\r\n", 417 },
    };

    public static TheoryData<string> BadChunks =>
    [
        "0_2e\r\n", "+5\r\nhello\r\n", "0x5\r\nhello\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n", "\r\n", "11111111111111111\r\n",
        "5;a\nX\r\nhello\r\n", "5;a\rX\r\nhello\r\n", "5\r\nhelloX\r\n",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_bad_request_gets_one_answer_and_the_upstream_sees_nothing(string request, int status)
    {
        var counter = status >= 500 ? "http.web.downstream_rq_5xx" : "http.web.downstream_rq_4xx";
        var before = await shared.Weft.Stat(counter);
        using var client = await RawPeer.ConnectAsync(shared.Port);
        await client.SendAsync(request);
        var answer = await client.ReadUntilAsync("\r\n\r\n");
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Equal(0, shared.Upstream.Connections);
        await shared.Weft.WaitForStat(counter, before + 1);
    }

    [Theory]
    [MemberData(nameof(BadChunks))]
    public async Task A_bad_chunk_ends_request_and_connection(string chunk)
    {
        using var upstream = new ScriptedUpstream(async (peer, _) => await peer.ReadToEndAsync());
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
        await client.SendAsync(chunk + "0\r\n\r\nGET /second HTTP/1.1\r\nhost: a\r\n\r\n");
        var all = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 400 ", all, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", all, StringComparison.Ordinal);
        await weft.WaitForStat("http.web.downstream_cx_protocol_error", 1);
    }

    [Fact]
    public async Task A_valid_request_before_a_bad_one_is_answered_first()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("first"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nbad header\r\n\r\n");
        var all = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", all, StringComparison.Ordinal);
        Assert.Contains("first", all, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 400 ", all[all.IndexOf("first", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(70_000, 1)]
    [InlineData(10, 101)]
    public async Task Headers_beyond_the_limits_are_refused_with_431(int valueBytes, int count)
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("never"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"x-{i}: {new string('a', valueBytes)}\r\n"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n" + headers + "\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(0, upstream.Connections);
    }

    [Fact]
    public async Task A_slow_head_is_answered_408_at_request_headers_timeout()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("never"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, "          request_headers_timeout: 0.2s"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HT");
        Assert.StartsWith("HTTP/1.1 408 ", await client.ReadToEndAsync(), StringComparison.Ordinal);
        await weft.ExpectStat("http.web.downstream_rq_header_timeout", 1);
    }

    [Fact]
    public async Task Spoofed_internal_headers_are_taken_off_at_the_edge_and_hop_by_hop_ones_do_not_travel()
    {
        var seen = new TaskCompletionSource<string>();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            seen.TrySetResult(await peer.ReadUntilAsync("\r\n\r\n"));
            await peer.SendAsync(ScriptedUpstream.Ok("ok"));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, "          use_remote_address: true"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close, x-secret\r\nx-secret: 1\r\nkeep-alive: 5\r\nte: gzip\r\nx-forwarded-client-cert: By=me\r\n\r\n");
        var request = await seen.Task.WaitAsync(Patience.Limit);
        Assert.DoesNotContain("x-secret", request, StringComparison.Ordinal);
        Assert.DoesNotContain("keep-alive", request, StringComparison.Ordinal);
        Assert.DoesNotContain("te: gzip", request, StringComparison.Ordinal);
        Assert.DoesNotContain("x-forwarded-client-cert", request, StringComparison.Ordinal);
        Assert.Contains("x-forwarded-for: ", request, StringComparison.Ordinal);
        Assert.Contains("x-forwarded-proto: http\r\n", request, StringComparison.Ordinal);
    }

    /// <summary>One proxy for all requests that must never reach its upstream.</summary>
    public sealed class OneProxy : IAsyncLifetime
    {
        internal ScriptedUpstream Upstream { get; } = ScriptedUpstream.Answering(ScriptedUpstream.Ok("never"));

        internal WeftProcess Weft { get; private set; } = null!;

        internal int Port { get; private set; }

        public async Task InitializeAsync()
        {
            Weft = await WeftProcess.StartAsync(Configs.HttpProxy(Upstream.Port, "          normalize_path: true"));
            Port = await Weft.Port("web");
        }

        public async Task DisposeAsync()
        {
            await Weft.DisposeAsync();
            Upstream.Dispose();
        }
    }
}
