using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>The less usual parts of HTTP/1.1, byte by byte on both sides.</summary>
public sealed class Http1ForwardingTests
{
    [Fact]
    public async Task Expect_100_continue_is_answered_by_the_proxy_before_the_body_comes()
    {
        using var upstream = ScriptedUpstream.Answering(ScriptedUpstream.Ok("done"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadUntilAsync("\r\n\r\n"));
        await client.SendAsync("hello");

        Assert.Contains("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("done"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interim_response_of_the_upstream_does_not_end_the_request()
    {
        using var upstream = ScriptedUpstream.Answering("HTTP/1.1 102 Processing\r\n\r\n" + ScriptedUpstream.Ok("done"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Contains("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("done"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_response_to_HEAD_has_the_length_but_no_body_and_the_connection_goes_on()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            Assert.StartsWith("HEAD /page HTTP/1.1\r\n", await peer.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
            peer.Forget();
            await peer.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 12345\r\n\r\n");
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync(ScriptedUpstream.Ok("second"));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port), "--concurrency", "1");
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("HEAD /page HTTP/1.1\r\nhost: a\r\n\r\n");
        var head = await client.ReadUntilAsync("\r\n\r\n");
        Assert.Contains("\r\ncontent-length: 12345\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);
        client.Forget();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("second"), StringComparison.Ordinal);
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Chunks_and_trailers_travel_both_ways()
    {
        var seen = new TaskCompletionSource<string>();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            seen.SetResult(await peer.ReadUntilAsync("\r\n0\r\nx-sum: 7\r\n\r\n"));
            await peer.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Check: 9\r\n\r\n");
            await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(
            upstream.Port, manager: "          http_protocol_options: { enable_trailers: true }", cluster: "    http_protocol_options: { enable_trailers: true }"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
        await client.SendAsync("7\r\n, world\r\n0\r\nX-Sum: 7\r\n\r\n");

        var answer = await client.ReadUntilAsync("\r\n0\r\nx-check: 9\r\n\r\n");
        Assert.Contains("\r\ntransfer-encoding: chunked\r\n", answer, StringComparison.Ordinal);
        Assert.Equal("abcdefg", ChunkedBody(answer));
        Assert.Contains("\r\ntransfer-encoding: chunked\r\n", await seen.Task, StringComparison.Ordinal);
        Assert.Equal("hello, world", ChunkedBody(await seen.Task));
    }

    [Fact]
    public async Task Without_enable_trailers_they_are_dropped_and_the_body_stays_whole()
    {
        using var upstream = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Check: 9\r\n\r\n");
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.Equal("abc", ChunkedBody(await client.ReadUntilAsync("\r\n0\r\n\r\n")));
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_an_answer_it_understands()
    {
        var seen = new TaskCompletionSource<string>();
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            seen.SetResult(await peer.ReadUntilAsync("\r\n\r\n"));
            await peer.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
            await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(
            upstream.Port, "          http_protocol_options: { accept_http_10: true, default_host_for_http_10: old.example }"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync("GET / HTTP/1.0\r\n\r\n");

        // No chunks: the end of the connection is the end of the body.
        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.0 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nabcdef", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("chunked", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nhost: old.example\r\n", await seen.Task, StringComparison.Ordinal);
        Assert.StartsWith("GET / HTTP/1.1\r\n", await seen.Task, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            while (true)
            {
                var path = (await peer.ReadUntilAsync("\r\n\r\n")).Split(' ')[1];
                peer.Forget();
                await peer.SendAsync(ScriptedUpstream.Ok($"answer to {path};"));
            }
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(string.Concat(Enumerable.Range(1, 20).Select(i => $"GET /{i} HTTP/1.1\r\nhost: a\r\n\r\n")));

        var answers = await client.ReadUntilAsync("answer to /20;");
        var positions = Enumerable.Range(1, 20).Select(i => answers.IndexOf($"answer to /{i};", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain(-1, positions);
        Assert.Equal(positions.Order(), positions);
    }

    [Fact]
    public async Task A_websocket_echoes_through_upgrade_configs()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            var request = await peer.ReadUntilAsync("\r\n\r\n");
            Assert.Contains("\r\nupgrade: websocket\r\n", request, StringComparison.Ordinal);
            Assert.Contains("\r\nconnection: Upgrade\r\n", request, StringComparison.OrdinalIgnoreCase);
            peer.Forget();
            await peer.SendAsync("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
            var buffer = new byte[1024];
            while (await peer.Socket.ReceiveAsync(buffer) is > 0 and var count)
                await peer.Socket.SendAsync(buffer.AsMemory(0, count));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, "          upgrade_configs: [{ upgrade_type: websocket }]"));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));

        await client.SendAsync(
            "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
        var answer = await client.ReadUntilAsync("\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nupgrade: websocket\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", answer, StringComparison.Ordinal);
        client.Forget();
        // Frames look like anything, also like HTTP.
        foreach (var frame in new[] { "\u0081\u0085\u0001\u0002\u0003\u0004igohn", "GET / HTTP/1.1\r\n\r\n", "\0\u00ff\r\n" })
        {
            await client.SendAsync(frame);
            Assert.Equal(frame, await client.ReadUntilAsync(frame));
            client.Forget();
        }

        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Assert.Equal("", await client.ReadToEndAsync());
        await weft.WaitForStat("http.web.downstream_cx_upgrades_total", 1);
    }

    /// <summary>The body of a chunked message, put together.</summary>
    private static string ChunkedBody(string message)
    {
        var rest = message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var body = "";
        while (true)
        {
            var end = rest.IndexOf("\r\n", StringComparison.Ordinal);
            var size = Convert.ToInt32(rest[..end], 16);
            if (size == 0)
                return body;
            body += rest.Substring(end + 2, size);
            rest = rest[(end + 2 + size + 2)..];
        }
    }
}
