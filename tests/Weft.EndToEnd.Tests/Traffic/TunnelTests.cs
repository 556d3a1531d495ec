using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Opaque streams through one proxy or two: CONNECT, TCP in CONNECT or POST, WebSockets, over either version of HTTP.</summary>
public sealed class TunnelTests
{
    private const string Terminating = "              - { match: { connect_matcher: {} }, route: { cluster: backend, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: {} } ] } }";
    private const string TerminatingPost = "              - { match: { prefix: / }, route: { cluster: backend, upgrade_configs: [ { upgrade_type: CONNECT, connect_config: { allow_post: true } } ] } }";
    private const string Forwarding = "              - { match: { connect_matcher: {} }, route: { cluster: backend, upgrade_configs: [ { upgrade_type: CONNECT } ] } }";
    private const string WebSockets = "          upgrade_configs: [ { upgrade_type: websocket } ]\n          http2_protocol_options: { allow_connect: true }";

    [Fact]
    public async Task Curl_reaches_an_origin_through_a_connect_that_ends_here()
    {
        using var origin = ScriptedUpstream.Answering(ScriptedUpstream.Ok("origin"));
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(origin.Port, routes: Terminating));

        var (exitCode, output, error) = await Shell.RunAsync(
            "curl", ["-s", "-v", "--proxytunnel", "-x", $"http://127.0.0.1:{await weft.Port("web")}", "http://origin.example/"]);

        Assert.True(exitCode == 0, error);
        Assert.Equal("origin", output);
        Assert.Contains("< HTTP/1.1 200 OK", error, StringComparison.Ordinal);
        await weft.WaitForStat("http.web.downstream_cx_upgrades_total", 1);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Connections_cross_from_proxy_to_proxy(bool isHttp2, bool usesPost)
    {
        using var echo = new ScriptedUpstream(EchoAsync);
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(echo.Port, routes: usesPost ? TerminatingPost : Terminating));
        var tunneling = $", tunneling_config: {{ hostname: \"target.example:443\", use_post: {(usesPost ? "true" : "false")} }}";
        await using var outer = await WeftProcess.StartAsync(
            Configs.TcpProxy(await inner.Port("web"), tunneling, isHttp2 ? Configs.Http2Cluster : ""), "--concurrency", "1");
        var port = await outer.Port("web");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(async number =>
        {
            using var client = await RawPeer.ConnectAsync(port);
            await client.SendAsync($"<{number}>");
            Assert.Equal($"<{number}>", await client.ReadUntilAsync(">"));
            client.Socket.Shutdown(SocketShutdown.Send);
            Assert.Equal($"<{number}>end", await client.ReadToEndAsync());
        }));

        Assert.Equal(5, echo.Connections);
        if (isHttp2)
            await outer.ExpectStat("cluster.backend.upstream_cx_total", 1);
        await Wait.Until(async () => await inner.Stat("cluster.backend.upstream_cx_active") == 0, "the tunnels to be gone");
    }

    [Fact]
    public async Task A_large_transfer_crosses_a_tunnel_over_HTTP_2_whole()
    {
        using var echo = new ScriptedUpstream(EchoAsync);
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(echo.Port, routes: Terminating));
        await using var outer = await WeftProcess.StartAsync(Configs.TcpProxy(await inner.Port("web"), ", tunneling_config: { hostname: \"a:1\" }", Configs.Http2Cluster));
        using var client = await RawPeer.ConnectAsync(await outer.Port("web"));
        var data = new byte[20_000_000];
        new Random(7).NextBytes(data);

        var sending = Task.Run(async () =>
        {
            await client.Socket.SendAsync(data);
            client.Socket.Shutdown(SocketShutdown.Send);
        });
        var received = new byte[data.Length];
        for (var got = 0; got < received.Length;)
        {
            var count = await client.Socket.ReceiveAsync(received.AsMemory(got));
            Assert.NotEqual(0, count);
            got += count;
        }

        await sending;
        Assert.True(data.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task A_connect_over_HTTP_2_is_passed_on_over_HTTP_1()
    {
        using var last = new ScriptedUpstream(async (peer, _) =>
        {
            Assert.StartsWith("CONNECT target.example:443 HTTP/1.1\r\nhost: target.example:443\r\n", await peer.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
            await peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n");
            peer.Forget();
            await EchoAsync(peer, 0);
        });
        await using var middle = await WeftProcess.StartAsync(Configs.HttpProxy(last.Port, routes: Forwarding));
        await using var outer = await WeftProcess.StartAsync(Configs.TcpProxy(await middle.Port("web"), ", tunneling_config: { hostname: \"target.example:443\" }", Configs.Http2Cluster));
        using var client = await RawPeer.ConnectAsync(await outer.Port("web"));

        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReadUntilAsync("hello"));
        await middle.ExpectStat("http.web.downstream_cx_http2_total", 1);
    }

    [Fact]
    public async Task A_connect_over_HTTP_1_is_passed_on_over_HTTP_2()
    {
        using var echo = new ScriptedUpstream(EchoAsync);
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(echo.Port, routes: Terminating));
        await using var outer = await WeftProcess.StartAsync(Configs.HttpProxy(await inner.Port("web"), routes: Forwarding, cluster: Configs.Http2Cluster));
        using var client = await RawPeer.ConnectAsync(await outer.Port("web"));

        await client.SendAsync("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        client.Forget();
        await client.SendAsync("hello");
        Assert.Equal("hello", await client.ReadUntilAsync("hello"));
        await inner.ExpectStat("http.web.downstream_cx_http2_total", 1);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_websocket_crosses_from_either_version_to_either(bool isHttp2Client, bool isHttp2Upstream)
    {
        using var server = new WebSocketEcho();
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(server.Port, manager: WebSockets));
        await using var outer = await WeftProcess.StartAsync(Configs.HttpProxy(await inner.Port("web"), manager: WebSockets, cluster: isHttp2Upstream ? Configs.Http2Cluster : ""));
        using var client = new ClientWebSocket();
        client.Options.HttpVersion = isHttp2Client ? HttpVersion.Version20 : HttpVersion.Version11;
        client.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var limit = new CancellationTokenSource(Patience.Limit);

        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{await outer.Port("web")}/chat"), http, limit.Token);
        foreach (var text in new[] { "one", new string('x', 100_000), "three" })
        {
            await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
            Assert.Equal(text, await ReadAsync(client, limit.Token));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", limit.Token);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
        await outer.ExpectStat("http.web.downstream_cx_http2_total", isHttp2Client ? 1 : 0);
        await inner.ExpectStat("http.web.downstream_cx_http2_total", isHttp2Upstream ? 1 : 0);
    }

    [Fact]
    public async Task A_connect_to_nowhere_over_HTTP_2_is_503()
    {
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(1, routes: Terminating));
        await using var outer = await WeftProcess.StartAsync(Configs.HttpProxy(await inner.Port("web"), routes: Forwarding, cluster: Configs.Http2Cluster));
        using var client = await RawPeer.ConnectAsync(await outer.Port("web"));

        await client.SendAsync("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", await client.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private static async Task EchoAsync(RawPeer peer, int number)
    {
        var buffer = new byte[64 * 1024];
        while (await peer.Socket.ReceiveAsync(buffer) is > 0 and var count)
            await peer.Socket.SendAsync(buffer.AsMemory(0, count));
        await peer.SendAsync("end");
    }

    private static async Task<string> ReadAsync(ClientWebSocket client, CancellationToken limit)
    {
        var buffer = new byte[200_000];
        for (var length = 0; ;)
        {
            var part = await client.ReceiveAsync(buffer.AsMemory(length), limit);
            length += part.Count;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }
}
