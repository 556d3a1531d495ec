using System.Net;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Harness.Http2Frames;

namespace Weft.EndToEnd.Tests.Http2;

/// <summary>Upstreams that speak HTTP/2, before clients of either version.</summary>
public sealed class Http2UpstreamTests
{
    [NodeFact]
    public async Task Clients_of_both_versions_share_a_connection()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster), "--concurrency", "1");
        var port = await weft.Port("web");
        using var http2 = Http2Client.Create(port);
        using var http1 = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        Assert.Equal("hello", await http2.GetStringAsync("/"));
        using var response = await http1.PostAsync("/", new StringContent("12345"));

        Assert.Equal("hello", await response.Content.ReadAsStringAsync());
        Assert.Equal("POST", response.Headers.GetValues("x-method").Single());
        Assert.Equal("http", response.Headers.GetValues("x-scheme").Single());
        Assert.Equal("5", response.Headers.GetValues("x-length").Single());
        await weft.ExpectStat("cluster.backend.upstream_cx_http2_total", 1);
        await weft.ExpectStat("cluster.backend.upstream_rq_total", 2);
    }

    [NodeFact]
    public async Task The_deprecated_field_of_the_cluster_does_the_same()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: "    http2_protocol_options: {}"));

        Assert.Equal("hello", await weft.Http.GetStringAsync($"http://127.0.0.1:{await weft.Port("web")}/"));
        await weft.ExpectStat("cluster.backend.upstream_cx_http2_total", 1);
    }

    [NodeFact]
    public async Task More_requests_than_a_connection_takes_get_further_connections()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync(maxStreams: 10);
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster), "--concurrency", "1");
        using var client = Http2Client.Create(await weft.Port("web"));
        await client.GetStringAsync("/");

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.GetStringAsync("/together")));

        Assert.All(answers, answer => Assert.Equal("hello", answer));
        Assert.InRange(await weft.Stat("cluster.backend.upstream_cx_http2_total"), 4, 10);
    }

    [NodeFact]
    public async Task An_upstream_that_takes_no_requests_now_is_not_overrun_with_connections()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync(maxStreams: 0);
        const string Routes = "              - { match: { prefix: / }, route: { cluster: backend, timeout: 0.5s } }";
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster, routes: Routes), "--concurrency", "1");
        using var client = Http2Client.Create(await weft.Port("web"));

        // The first is sent before the upstream has said so, and refused.
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync("/");
            Assert.Contains(response.StatusCode, (HttpStatusCode[])[HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout]);
        }

        Assert.InRange(await weft.Stat("cluster.backend.upstream_cx_total"), 1, 2);
    }

    [NodeFact]
    public async Task Large_bodies_travel_both_ways()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster));
        using var client = Http2Client.Create(await weft.Port("web"));

        using var response = await client.PostAsync("/big", new ByteArrayContent(new byte[4_000_000]));

        Assert.Equal("4000000", response.Headers.GetValues("x-length").Single());
        Assert.Equal(3_000_000, (await response.Content.ReadAsByteArrayAsync()).Length);
    }

    [NodeFact]
    public async Task Trailers_of_the_upstream_reach_the_client()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster));
        using var client = Http2Client.Create(await weft.Port("web"));

        using var response = await client.GetAsync("/trailers");
        await response.Content.ReadAsStringAsync();

        Assert.Equal("7", response.TrailingHeaders.GetValues("x-sum").Single());
    }

    [NodeFact]
    public async Task A_stream_that_the_upstream_resets_is_a_503()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster));
        using var client = Http2Client.Create(await weft.Port("web"));

        using var response = await client.GetAsync("/reset");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.EndsWith("reset reason: remote reset", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("hello", await client.GetStringAsync("/"));
        await weft.ExpectStat("cluster.backend.upstream_rq_rx_reset", 1);
    }

    [NodeFact]
    public async Task A_refused_stream_is_sent_once_more()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster));

        Assert.Equal("hello", await weft.Http.GetStringAsync($"http://127.0.0.1:{await weft.Port("web")}/refuse-once"));
    }

    [NodeFact]
    public async Task After_a_goaway_requests_go_to_a_new_connection()
    {
        using var upstream = await NodeProcess.StartHttp2ServerAsync();
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster), "--concurrency", "1");
        using var client = Http2Client.Create(await weft.Port("web"));

        Assert.Equal("hello", await client.GetStringAsync("/goaway"));
        Assert.Equal("hello", await client.GetStringAsync("/"));

        await weft.ExpectStat("cluster.backend.upstream_cx_http2_total", 2);
        await weft.ExpectStat("cluster.backend.upstream_cx_close_notify", 1);
    }

    [Fact]
    public async Task An_upstream_that_answers_no_ping_is_given_up()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("SM\r\n\r\n");
            await peer.SendAsync(Frame(Settings, 0, 0, ""));
            await peer.ReadToEndAsync();
        });
        const string Options = "    http2_protocol_options: { connection_keepalive: { interval: 0.1s, timeout: 0.1s } }";
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Options));
        using var response = await weft.Http.GetAsync($"http://127.0.0.1:{await weft.Port("web")}/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        await weft.ExpectStat("cluster.backend.http2.keepalive_timeout", 1);
        await weft.ExpectStat("cluster.backend.upstream_cx_destroy_local", 1);
    }

    [NodeFact]
    public async Task A_call_of_gRPC_that_is_not_served_is_made_once_more()
    {
        using var upstream = await NodeProcess.StartAsync("""
            const http2 = require('http2');
            let calls = 0;
            const server = http2.createServer();
            server.on('stream', stream => {
              stream.on('error', () => {});
              if (++calls == 1) return stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14', 'grpc-message': 'later' }, { endStream: true });
              stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
              stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
              stream.end(Buffer.from([0, 0, 0, 0, 0]));
            });
            server.listen(0, '127.0.0.1', () => console.log(server.address().port));
            """);
        const string Routes = "              - { match: { prefix: / }, route: { cluster: backend, retry_policy: { retry_on: unavailable, num_retries: 1 } } }";
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster, routes: Routes));
        using var client = Http2Client.Create(await weft.Port("web"));
        using var call = new HttpRequestMessage(HttpMethod.Post, "/service/method") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new ByteArrayContent(new byte[5]) };
        call.Content.Headers.ContentType = new("application/grpc");

        using var response = await client.SendAsync(call);
        await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
        await weft.ExpectStat("cluster.backend.upstream_rq_retry", 1);
        await weft.ExpectStat("cluster.backend.upstream_rq_retry_success", 1);
        await weft.ExpectStat("cluster.backend.upstream_rq_total", 2);
    }

    [Fact]
    public async Task No_request_is_lost_to_an_upstream_that_ends_its_connections_under_load()
    {
        // A hundred requests on a connection, then GOAWAY; those on their way behind it are not served.
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("SM\r\n\r\n");
            peer.Forget("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length);
            await peer.SendAsync(Frame(Settings, 0, 0, ""));
            for (var served = 0; ; await peer.ReadMoreAsync())
            {
                foreach (var (_, _, stream, _) in In(peer.Received).Where(frame => frame.Type == Headers).Skip(served).Take(100 - served).ToArray())
                {
                    await peer.SendAsync(Frame(Headers, EndHeaders, stream, "\x88") + Frame(Data, EndStream, stream, "hello"));
                    if (++served == 100)
                        await peer.SendAsync(Frame(GoAway, 0, 0, "\0\0\0\xC7\0\0\0\0"));
                }
            }
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster), "--concurrency", "1");
        using var client = Http2Client.Create(await weft.Port("web"));

        async Task<int> Ask(int count)
        {
            for (var i = 0; i < count; i++)
                Assert.Equal("hello", await client.GetStringAsync("/"));
            return count;
        }

        var answered = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Ask(60)));
        Assert.Equal(1200, answered.Sum());
        Assert.InRange(await weft.Stat("cluster.backend.upstream_cx_close_notify"), 10, 1200);
        await weft.ExpectStat("http.web.downstream_rq_2xx", 1200);
    }

    [Fact]
    public async Task An_upstream_that_does_not_speak_it_is_a_502()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("SM\r\n\r\n");
            await peer.SendAsync("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
            await peer.ReadToEndAsync();
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port, cluster: Configs.Http2Cluster));

        using var response = await weft.Http.GetAsync($"http://127.0.0.1:{await weft.Port("web")}/");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        await weft.ExpectStat("cluster.backend.upstream_cx_protocol_error", 1);
    }

    [Fact]
    public async Task A_cluster_that_follows_its_clients_speaks_what_each_of_them_speaks()
    {
        using var backend = ScriptedUpstream.Answering(ScriptedUpstream.Ok("hello"));
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(backend.Port));
        await using var outer = await WeftProcess.StartAsync(Configs.HttpProxy(await inner.Port("web"), cluster: """
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    use_downstream_protocol_config: { http2_protocol_options: {} }
            """));
        var port = await outer.Port("web");
        using var http2 = Http2Client.Create(port);

        await http2.GetStringAsync("/");
        await outer.Http.GetStringAsync($"http://127.0.0.1:{port}/");

        await outer.ExpectStat("cluster.backend.upstream_cx_http2_total", 1);
        await outer.ExpectStat("cluster.backend.upstream_cx_http1_total", 1);
    }

    [Fact]
    public async Task A_websocket_crosses_a_connection_of_HTTP_2_between_two_proxies()
    {
        using var backend = new ScriptedUpstream(async (peer, _) =>
        {
            var request = await peer.ReadUntilAsync("\r\n\r\n");
            Assert.StartsWith("GET /chat HTTP/1.1\r\n", request, StringComparison.Ordinal);
            Assert.Contains("\r\nupgrade: websocket\r\n", request, StringComparison.Ordinal);
            peer.Forget();
            await peer.SendAsync("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
            await peer.ReadUntilAsync("ping");
            await peer.SendAsync("pong");
            await peer.ReadToEndAsync();
        });
        const string Upgrades = "          upgrade_configs: [ { upgrade_type: websocket } ]";
        await using var inner = await WeftProcess.StartAsync(Configs.HttpProxy(
            backend.Port, manager: Upgrades + "\n          http2_protocol_options: { allow_connect: true }"));
        await using var outer = await WeftProcess.StartAsync(Configs.HttpProxy(await inner.Port("web"), manager: Upgrades, cluster: Configs.Http2Cluster));
        using var client = await RawPeer.ConnectAsync(await outer.Port("web"));

        await client.SendAsync("GET /chat HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        client.Forget();
        await client.SendAsync("ping");

        Assert.Equal("pong", await client.ReadUntilAsync("pong"));
        await inner.ExpectStat("http.web.downstream_cx_http2_total", 1);
        await inner.ExpectStat("http.web.downstream_cx_upgrades_active", 1);
    }
}
