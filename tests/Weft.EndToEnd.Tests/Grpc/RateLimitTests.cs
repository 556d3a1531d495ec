using System.Net;
using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>Requests and connections that a rate limit service on grpc-js is asked about.</summary>
public sealed class RateLimitTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    private const string EchoAsked = "const s = require('http').createServer((q, r) => { r.setHeader('x-seen', q.headers['x-asked'] || 'nothing'); r.end('passed'); }); s.listen(0, '127.0.0.1', () => console.log(s.address().port))";

    [GrpcFact]
    public async Task The_service_lets_requests_pass_or_not()
    {
        using var service = await peers.StartAsync("limiter");
        using var upstream = await NodeProcess.StartAsync(EchoAsked);
        await using var weft = await StartAsync(service.Port, upstream.Port);

        using var passed = await GetAsync(weft, "/", "ann");
        Assert.Equal("passed", await passed.Content.ReadAsStringAsync());
        Assert.Equal("shop generic_key=web,user=ann", Header(passed, "x-seen"));
        Assert.Equal("seen", Header(passed, "x-service"));
        Assert.Equal("10, 10;w=60;name=\"users\"", Header(passed, "x-ratelimit-limit"));
        Assert.Equal(("7", "30"), (Header(passed, "x-ratelimit-remaining"), Header(passed, "x-ratelimit-reset")));

        using var limited = await GetAsync(weft, "/", "limited");
        Assert.Equal((HttpStatusCode.TooManyRequests, "slow down"), (limited.StatusCode, await limited.Content.ReadAsStringAsync()));
        Assert.Equal(("true", "seen", "yes"), (Header(limited, "x-envoy-ratelimited"), Header(limited, "x-service"), Header(limited, "x-limited")));

        using var own = await GetAsync(weft, "/own?page=3", "limited");
        Assert.Equal("own page=3", Header(own, "x-seen"));

        using var open = await GetAsync(weft, "/open", "limited");
        Assert.Equal("nothing", Header(open, "x-seen"));
        await weft.WaitForStat("cluster.backend.ratelimit.over_limit", 1);
        await weft.WaitForStat("cluster.backend.ratelimit.ok", 2);
        await weft.ExpectStat("cluster.backend.upstream_rq_429", 1);
    }

    [GrpcFact]
    public async Task What_counts_when_a_request_is_over_is_told_then()
    {
        using var service = await peers.StartAsync("limiter");
        using var upstream = await NodeProcess.StartAsync(EchoAsked);
        await using var weft = await StartAsync(service.Port, upstream.Port);

        using var spending = await GetAsync(weft, "/spend", "ann");
        Assert.Equal("shop generic_key=asked", Header(spending, "x-seen"));
        await Wait.Until(
            async () =>
            {
                using var shown = await GetAsync(weft, "/show", "ann");
                return Header(shown, "x-seen") == "shop generic_key=spent x6";
            },
            "the service to be told of six bytes");
    }

    [GrpcFact]
    public async Task Without_an_answer_it_is_the_configuration_that_decides()
    {
        using var service = await peers.StartAsync("limiter");
        using var upstream = await NodeProcess.StartAsync(EchoAsked);
        await using var allowing = await StartAsync(service.Port, upstream.Port, "timeout: 0.1s");
        foreach (var user in new[] { "broken", "silent" })
        {
            using var response = await GetAsync(allowing, "/", user);
            Assert.Equal("passed", await response.Content.ReadAsStringAsync());
        }

        await allowing.WaitForStat("cluster.backend.ratelimit.failure_mode_allowed", 2);
        await using var denying = await StartAsync(service.Port, upstream.Port, "timeout: 60s|failure_mode_deny: true|status_on_error: { code: ServiceUnavailable }");
        using var refused = await GetAsync(denying, "/", "broken");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [GrpcFact]
    public async Task A_body_waits_for_the_answer_and_follows_it()
    {
        using var service = await peers.StartAsync("limiter");
        using var upstream = await NodeProcess.StartAsync("const s = require('http').createServer((q, r) => { let n = 0; q.on('data', d => n += d.length); q.on('end', () => r.end(String(n))); }); s.listen(0, '127.0.0.1', () => console.log(s.address().port))");
        await using var weft = await StartAsync(service.Port, upstream.Port, "timeout: 60s");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{await weft.Port("web")}/") { Content = new ByteArrayContent(new byte[3_000_000]) };
        request.Headers.Add("x-user", "ann");
        using var response = await weft.Http.SendAsync(request);
        Assert.Equal("3000000", await response.Content.ReadAsStringAsync());
    }

    [GrpcFact]
    public async Task A_matcher_around_the_filter_spares_requests()
    {
        using var service = await peers.StartAsync("limiter");
        using var upstream = await NodeProcess.StartAsync(EchoAsked);
        await using var weft = await StartAsync(service.Port, upstream.Port, filter: """
            "@type": type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher
                          xds_matcher: { matcher_tree: { input: { name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-user } }, exact_match_map: { map: { limited: { action: { name: skip, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.common.matcher.action.v3.SkipFilter } } } } } } }
                          extension_config: { name: limit, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit, domain: shop, timeout: 60s, rate_limit_service: { transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: limiter } } } } }
            """);
        using var spared = await GetAsync(weft, "/", "limited");
        Assert.Equal((HttpStatusCode.OK, "nothing"), (spared.StatusCode, Header(spared, "x-seen")));
        using var asked = await GetAsync(weft, "/", "ann");
        Assert.Equal("shop generic_key=web,user=ann", Header(asked, "x-seen"));
    }

    [GrpcFact]
    public async Task Connections_are_limited_too()
    {
        using var service = await peers.StartAsync("limiter");
        using var upstream = await NodeProcess.StartAsync(EchoAsked);
        foreach (var (value, isOpen) in new[] { ("fine", true), ("limited", false) })
        {
            await using var weft = await WeftProcess.StartAsync(Configs.TcpProxy(upstream.Port, clusters: Limiter(service.Port), filters: $$"""
                      - name: limit
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.ratelimit.v3.RateLimit
                          stat_prefix: tcp
                          domain: shop
                          timeout: 60s
                          failure_mode_deny: true
                          descriptors: [{ entries: [{ key: who, value: {{value}} }, { key: from, value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" }] }]
                          rate_limit_service: { transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: limiter } } }
                """));
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, await weft.Port("web"));
            await client.GetStream().WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray());
            var answer = await ReadToEndAsync(client.GetStream());
            Assert.Equal(isOpen, answer.EndsWith("passed", StringComparison.Ordinal));
            await weft.ExpectStat(isOpen ? "ratelimit.tcp.ok" : "ratelimit.tcp.over_limit", 1);
            await weft.ExpectStat("ratelimit.tcp.cx_closed", isOpen ? 0 : 1);
        }
    }

    private static async Task<string> ReadToEndAsync(NetworkStream stream)
    {
        try
        {
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return ""; // Reset: that is how a connection is refused.
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(WeftProcess weft, string path, string user)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{await weft.Port("web")}{path}");
        request.Headers.Add("x-user", user);
        return await weft.Http.SendAsync(request);
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    private static Task<WeftProcess> StartAsync(int service, int upstream, string settings = "timeout: 60s", string? filter = null) => WeftProcess.StartAsync(Configs.HttpProxy(
        upstream, routes: Routes, clusters: Limiter(service), filters: $$"""
                  - name: limit
                    typed_config:
                      {{filter?.Trim() ?? $"{Limit}|{settings}".Replace("|", "\n              ", StringComparison.Ordinal)}}
        """));

    private static string Limiter(int service) => Configs.Cluster("limiter", service, Configs.Http2Cluster);

    private const string Limit = """
        "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimit
                      domain: shop
                      enable_x_ratelimit_headers: DRAFT_VERSION_03
                      response_headers_to_add: [{ header: { key: x-limited, value: "yes" } }]
                      rate_limit_service: { transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: limiter } } }
        """;

    private const string Routes = """
                      - { match: { prefix: /open }, route: { cluster: backend } }
                      - match: { prefix: /own }
                        route: { cluster: backend, rate_limits: [{ actions: [{ generic_key: { descriptor_value: web } }] }] }
                        typed_per_filter_config:
                          limit:
                            "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute
                            domain: own
                            rate_limits: [{ actions: [{ query_parameters: { query_parameter_name: page, descriptor_key: page } }] }]
                      - match: { prefix: /spend }
                        route: { cluster: backend }
                        typed_per_filter_config:
                          limit:
                            "@type": type.googleapis.com/envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute
                            rate_limits:
                            - { actions: [{ generic_key: { descriptor_value: asked } }] }
                            - { actions: [{ generic_key: { descriptor_value: spent } }], apply_on_stream_done: true, hits_addend: { format: "%BYTES_SENT%" } }
                      - match: { prefix: /show }
                        route: { cluster: backend, rate_limits: [{ actions: [{ generic_key: { descriptor_value: show } }] }] }
                      - match: { prefix: / }
                        route:
                          cluster: backend
                          rate_limits: [{ actions: [{ generic_key: { descriptor_value: web } }, { request_headers: { header_name: x-user, descriptor_key: user } }] }]
        """;
}
