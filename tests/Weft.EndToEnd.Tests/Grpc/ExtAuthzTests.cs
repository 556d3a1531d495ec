using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>Requests that an authorization service is asked about: one on grpc-js, and one that speaks HTTP.</summary>
public sealed class ExtAuthzTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    /// <summary>Answers with the head it got, and how much body.</summary>
    private const string Echo = """
        const s = require('http').createServer((q, r) => { let n = 0; q.on('data', d => n += d.length); q.on('end', () =>
          r.end(`${q.url} seen=${q.headers['x-seen']} list=${q.headers['x-list']} remove=${q.headers['x-remove']} allowed=${q.headers['x-envoy-auth-failure-mode-allowed']} evil=${q.headers['x-evil']} body=${n}`)); });
        s.listen(0, '127.0.0.1', () => console.log(s.address().port))
        """;

    [GrpcFact]
    public async Task A_grpc_service_changes_what_may_pass()
    {
        using var service = await peers.StartAsync("authorizer");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, Grpc + "|disallowed_headers: { patterns: [{ exact: x-secret }] }");
        using var passed = await SendAsync(weft, "/area?keep=1&dropped=2", "ann", ("x-list", "first"), ("x-remove", "gone"), ("x-secret", "s"));
        Assert.Equal(
            "/area?keep=1&added=1 seen=GET 127.0.0.1/area?keep=1&dropped=2 HTTP/1.1 route body=0/- secret=- list=first,more remove=undefined allowed=undefined evil=undefined body=0",
            await passed.Content.ReadAsStringAsync());
        Assert.Equal("yes", passed.Headers.GetValues("x-checked").Single());

        using var denied = await SendAsync(weft, "/", "mallory");
        Assert.Equal((HttpStatusCode.Unauthorized, "<p>who are you?"), (denied.StatusCode, await denied.Content.ReadAsStringAsync()));
        Assert.Equal(("Basic", "text/html"), (denied.Headers.WwwAuthenticate.ToString(), denied.Content.Headers.ContentType!.ToString()));

        using var forged = await SendAsync(weft, "/", "forger");
        Assert.Contains("evil=undefined", await forged.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var open = await SendAsync(weft, "/open", "mallory");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        await weft.ExpectStat("http.web.ext_authz.ok", 2);
        await weft.ExpectStat("http.web.ext_authz.denied", 1);
        await weft.WaitForStat("cluster.backend.ext_authz.denied", 1);
    }

    [GrpcFact]
    public async Task A_body_is_part_of_the_question_where_that_is_wanted()
    {
        using var service = await peers.StartAsync("authorizer");
        using var upstream = await NodeProcess.StartAsync(Echo);
        foreach (var (isPartAllowed, bytes, expected) in new[] { (false, 10, "body=10/false"), (true, 200_000, "body=100/true"), (false, 200_000, null) })
        {
            await using var weft = await StartAsync(service.Port, upstream.Port, $"{Grpc}|with_request_body: {{ max_request_bytes: 100, allow_partial_message: {(isPartAllowed ? "true" : "false")} }}");
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{await weft.Port("web")}/") { Content = new StringContent(new string('x', bytes)) };
            request.Headers.Add("x-user", "ann");
            using var response = await weft.Http.SendAsync(request);
            if (expected is null)
            {
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
                continue;
            }

            var text = await response.Content.ReadAsStringAsync();
            Assert.Contains(expected, text, StringComparison.Ordinal);
            Assert.EndsWith($"body={bytes}", text, StringComparison.Ordinal);
        }
    }

    [GrpcFact]
    public async Task Without_an_answer_it_is_the_configuration_that_decides()
    {
        using var service = await peers.StartAsync("authorizer");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var denying = await StartAsync(service.Port, upstream.Port, Grpc + "|status_on_error: { code: ServiceUnavailable }");
        using var denied = await SendAsync(denying, "/", "broken");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, denied.StatusCode);
        await using var allowing = await StartAsync(service.Port, upstream.Port, Grpc.Replace("60s", "0.1s", StringComparison.Ordinal) + "|failure_mode_allow: true|failure_mode_allow_header_add: true");
        using var allowed = await SendAsync(allowing, "/", "silent");
        Assert.Contains("allowed=true", await allowed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await allowing.ExpectStat("http.web.ext_authz.failure_mode_allowed", 1);
    }

    [GrpcFact]
    public async Task An_http_service_is_asked_with_the_head_of_the_request()
    {
        using var service = await NodeProcess.StartAsync("""
            const s = require('http').createServer((q, r) => {
              if (q.headers['x-user'] === 'mallory') { r.writeHead(302, { location: '/login', 'x-reason': 'who', 'set-cookie': 'a=b' }); return r.end('go away'); }
              r.setHeader('x-seen', `${q.method} ${q.url} key=${q.headers['x-key']} secret=${q.headers['x-secret']}`);
              r.setHeader('x-list', 'more'); r.setHeader('x-checked', 'yes'); r.setHeader('x-envoy-auth-headers-to-remove', 'x-remove, x-other');
              r.end('ignored');
            });
            s.listen(0, '127.0.0.1', () => console.log(s.address().port))
            """);
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, """
            http_service: { server_uri: { uri: http://auth, cluster: authorizer, timeout: 60s }, path_prefix: /check, authorization_request: { allowed_headers: { patterns: [{ exact: x-user }] }, headers_to_add: [{ key: x-key, value: k }] }, authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-seen }] }, allowed_upstream_headers_to_append: { patterns: [{ exact: x-list }] }, allowed_client_headers: { patterns: [{ exact: x-reason }] }, allowed_client_headers_on_success: { patterns: [{ exact: x-checked }] } } }
            """.Trim(), isHttp2: false);
        using var passed = await SendAsync(weft, "/a?b", "ann", ("x-list", "first"), ("x-remove", "gone"), ("x-secret", "s"));
        Assert.StartsWith("/a?b seen=GET /check/a?b key=k secret=undefined list=first, more remove=undefined", await passed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("yes", passed.Headers.GetValues("x-checked").Single());
        using var denied = await SendAsync(weft, "/", "mallory");
        Assert.Equal((HttpStatusCode.Found, "go away", "/login"), (denied.StatusCode, await denied.Content.ReadAsStringAsync(), denied.Headers.Location?.ToString()));
        Assert.Equal(("who", false), (denied.Headers.GetValues("x-reason").Single(), denied.Headers.Contains("set-cookie")));
    }

    [GrpcFact]
    public async Task An_http_service_may_be_asked_at_one_path_for_all_requests()
    {
        using var service = await NodeProcess.StartAsync("""
            const s = require('http').createServer((q, r) => { r.setHeader('x-seen', q.url); r.end(); });
            s.listen(0, '127.0.0.1', () => console.log(s.address().port))
            """);
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, """
            http_service: { server_uri: { uri: http://auth, cluster: authorizer, timeout: 60s }, path_override: /check, authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-seen }] } } }
            """.Trim(), isHttp2: false);
        using var passed = await SendAsync(weft, "/a?b", "ann");
        Assert.StartsWith("/a?b seen=/check ", await passed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [GrpcFact]
    public async Task A_service_that_fails_is_asked_again_as_the_policy_says()
    {
        const string Retries = "retry_policy: { num_retries: 2, retry_on: internal, retry_back_off: { base_interval: 0.001s, max_interval: 60s } }";
        using var service = await NodeProcess.StartAsync("""
            let asked = 0;
            const s = require('http').createServer((q, r) => { if (++asked < 3) r.statusCode = 503; r.setHeader('x-seen', asked); r.end(); });
            s.listen(0, '127.0.0.1', () => console.log(s.address().port))
            """);
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, $$"""
            http_service: { server_uri: { uri: http://auth, cluster: authorizer, timeout: 60s }, {{Retries}}, authorization_response: { allowed_upstream_headers: { patterns: [{ exact: x-seen }] } } }
            """.Trim(), isHttp2: false);
        using var passed = await SendAsync(weft, "/", "ann");
        Assert.StartsWith("/ seen=3 ", await passed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((2, 1), (await weft.Stat("cluster.authorizer.upstream_rq_retry"), await weft.Stat("cluster.authorizer.upstream_rq_retry_success")));

        // A status in trailers of their own comes too late for that.
        using var grpc = await NodeProcess.StartAsync("""
            const s = require('http2').createServer();
            s.on('stream', t => t.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '13' }, { endStream: true }));
            s.listen(0, '127.0.0.1', () => console.log(s.address().port))
            """);
        await using var asking = await StartAsync(grpc.Port, upstream.Port, Grpc.Replace("timeout: 60s }", $"timeout: 60s, {Retries} }}", StringComparison.Ordinal));
        using var denied = await SendAsync(asking, "/", "ann");
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Equal((2, 1, 1), (await asking.Stat("cluster.authorizer.upstream_rq_retry"), await asking.Stat("cluster.authorizer.upstream_rq_retry_limit_exceeded"), await asking.Stat("http.web.ext_authz.error")));
    }

    [GrpcFact]
    public async Task A_connection_waits_for_the_word_of_the_service_and_loses_nothing_meanwhile()
    {
        using var service = await peers.StartAsync("authorizer");
        await using var weft = await StartConnectionsAsync(service.Port, "");
        // What the first filter has seen and held comes once to the second, and from there once to the one behind.
        Assert.Equal("hello", await SendFromAsync(weft, "127.0.0.1", "hello"));
        await weft.ExpectStat("ext_authz.again.total", 1);
        await weft.ExpectStat("ext_authz.again.ok", 1);
        Assert.Equal("", await SendFromAsync(weft, "127.0.0.2", "hello"));
        Assert.Equal("", await SendFromAsync(weft, "127.0.0.3", "hello"));
        await weft.ExpectStat("ext_authz.tcp.total", 3);
        await weft.ExpectStat("ext_authz.tcp.ok", 1);
        await weft.ExpectStat("ext_authz.tcp.denied", 1);
        await weft.ExpectStat("ext_authz.tcp.error", 1);
        await weft.ExpectStat("ext_authz.tcp.cx_closed", 2);
        await weft.ExpectStat("ext_authz.tcp.active", 0);
        await Wait.Until(() => Task.FromResult(weft.Log.Contains("UAEX ext_authz_denied", StringComparison.Ordinal)), "the log line", () => weft.Log);

        await using var open = await StartConnectionsAsync(service.Port, ", failure_mode_allow: true");
        Assert.Equal("hello", await SendFromAsync(open, "127.0.0.3", "hello"));
        await open.ExpectStat("ext_authz.tcp.failure_mode_allowed", 1);
        await open.ExpectStat("ext_authz.tcp.cx_closed", 0);
    }

    private static async Task<string> SendFromAsync(WeftProcess weft, string address, string text)
    {
        using var client = new TcpClient(new IPEndPoint(IPAddress.Parse(address), 0));
        await client.ConnectAsync(IPAddress.Loopback, await weft.Port("echo"));
        try
        {
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // A reset: the bytes were never read.
            return "";
        }
    }

    private static Task<WeftProcess> StartConnectionsAsync(int service, string more) => WeftProcess.StartAsync($$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - name: echo
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            access_log: [ { name: l, typed_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StderrAccessLog, log_format: { text_format_source: { inline_string: "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%\n" } } } } ]
            filter_chains:
            - filters:
              - name: envoy.filters.network.ext_authz
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz, stat_prefix: tcp, transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: authorizer }, timeout: 60s }{{more}} }
              - { name: again, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz, stat_prefix: again, transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: authorizer }, timeout: 60s }{{more}} } }
              - { name: echo, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo } }
          clusters:
        {{Configs.Cluster("authorizer", service, Configs.Http2Cluster)}}
        """);

    private const string Grpc = "transport_api_version: V3|grpc_service: { envoy_grpc: { cluster_name: authorizer }, timeout: 60s }";

    private static async Task<HttpResponseMessage> SendAsync(WeftProcess weft, string path, string user, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{await weft.Port("web")}{path}");
        request.Headers.Add("x-user", user);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return await weft.Http.SendAsync(request);
    }

    private static Task<WeftProcess> StartAsync(int service, int upstream, string settings, bool isHttp2 = true) => WeftProcess.StartAsync(Configs.HttpProxy(
        upstream,
        routes: """
                      - match: { prefix: /open }
                        route: { cluster: backend }
                        typed_per_filter_config: { authz: { "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute, disabled: true } }
                      - match: { prefix: /area }
                        route: { cluster: backend }
                        typed_per_filter_config: { authz: { "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute, check_settings: { context_extensions: { area: route } } } }
                      - { match: { prefix: / }, route: { cluster: backend } }
                      typed_per_filter_config: { authz: { "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute, check_settings: { context_extensions: { area: host } } } }
        """,
        filters: $$"""
                  - name: authz
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
                      {{settings.Replace("|", "\n              ", StringComparison.Ordinal)}}
        """,
        clusters: Configs.Cluster("authorizer", service, isHttp2 ? Configs.Http2Cluster : "")));
}
