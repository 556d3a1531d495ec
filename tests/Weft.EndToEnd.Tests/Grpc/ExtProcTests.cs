using System.Net;
using System.Text;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>Messages that an external processor on grpc-js sees and changes.</summary>
public sealed class ExtProcTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    /// <summary>Answers with what it got.</summary>
    private const string Echo = """
        const s = require('http').createServer((q, r) => { const parts = []; q.on('data', d => parts.push(d)); q.on('end', () =>
          r.end([q.method, q.url, q.headers.host, q.headers['x-set'], q.headers['x-list'], q.headers['x-remove'], q.headers['x-envoy-evil'], q.headers['x-secret-seen'], q.headers['content-length'], q.trailers['x-trailer'], Buffer.concat(parts)].join(','))); });
        s.listen(0, '127.0.0.1', () => console.log(s.address().port))
        """;

    [GrpcFact]
    public async Task Heads_are_changed_both_ways()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(
            service.Port, upstream.Port,
            "request_attributes: [request.method, request.path]|response_attributes: [response.code]|forward_rules: { disallowed_headers: { patterns: [{ exact: x-secret }] } }"
            + "|metadata_options: { forwarding_namespaces: { untyped: [known] }, receiving_namespaces: { untyped: [answer] } }");
        using var response = await SendAsync(weft, HttpMethod.Get, "/a", "", null, ("x-list", "first"), ("x-remove", "gone"), ("x-secret", "s"));
        Assert.Equal($"GET,/a,127.0.0.1:{await weft.Port("web")},one,first, more,,,false,,,", await response.Content.ReadAsStringAsync());
        Assert.Equal(
            "head true [envoy.filters.http.ext_proc:request.method=GET,request.path=/a] [known:colour=red] | response false [envoy.filters.http.ext_proc:response.code=200]",
            response.Headers.GetValues("x-seen").Single());
        Assert.Equal("forty-two", response.Headers.GetValues("x-metadata").Single());
        // :path may not be removed.
        await weft.ExpectStat("http.web.ext_proc.rejected_header_mutations", 1);
        await weft.ExpectStat("http.web.ext_proc.streams_started", 1);
        await weft.ExpectStat("http.web.ext_proc.stream_msgs_sent", 2);
        await weft.ExpectStat("http.web.ext_proc.stream_msgs_received", 2);
        await weft.WaitForStat("http.web.ext_proc.streams_closed", 1);
    }

    [GrpcFact]
    public async Task Bodies_are_changed_whole_or_piece_by_piece()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        var long_ = string.Concat(Enumerable.Repeat("hello, world; ", 40_000));
        foreach (var mode in new[] { "BUFFERED", "STREAMED" })
        {
            await using var weft = await StartAsync(service.Port, upstream.Port, $"processing_mode: {{ request_body_mode: {mode}, response_body_mode: {mode} }}");
            foreach (var body in new[] { "hello", long_ })
            {
                using var response = await SendAsync(weft, HttpMethod.Post, "/a", "", body);
                Assert.EndsWith(body.ToUpperInvariant(), await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                if (mode == "BUFFERED")
                    Assert.Contains($" | body {body.Length} true | response false", response.Headers.GetValues("x-seen").Single(), StringComparison.Ordinal);
            }

            // Vowels of the upstream's own text are gone from the response.
            using var get = await SendAsync(weft, HttpMethod.Get, "/aeiou", "");
            Assert.StartsWith("GET,/*****,", await get.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [GrpcFact]
    public async Task Trailers_are_changed_and_a_body_before_them_too()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        foreach (var mode in new[] { "NONE", "BUFFERED", "STREAMED" })
        {
            await using var weft = await StartAsync(service.Port, upstream.Port, $"processing_mode: {{ request_body_mode: {mode}, request_trailer_mode: SEND }}");
            using var peer = await RawPeer.ConnectAsync(await weft.Port("web"));
            await peer.SendAsync("POST /t HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\nx-trailer: mine\r\n\r\n");
            var answer = await peer.ReadToEndAsync();
            Assert.Contains($",changed,{(mode == "NONE" ? "hello" : "HELLO")}", answer, StringComparison.Ordinal);
            Assert.Contains("trailers {\"x-trailer\":\"mine\"}", answer, StringComparison.Ordinal);
        }
    }

    [GrpcFact]
    public async Task A_processor_answers_replaces_and_routes_anew()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, "allow_mode_override: true");
        using var denied = await SendAsync(weft, HttpMethod.Get, "/", "deny");
        Assert.Equal((HttpStatusCode.Forbidden, "go away", "not you"), (denied.StatusCode, await denied.Content.ReadAsStringAsync(), denied.Headers.GetValues("x-why").Single()));
        Assert.Equal("because_of_me", denied.Headers.GetValues("x-details").Single());

        using var replaced = await SendAsync(weft, HttpMethod.Post, "/", "replace", "old body that is longer");
        var text = await replaced.Content.ReadAsStringAsync();
        Assert.StartsWith("PUT,/,", text, StringComparison.Ordinal);
        Assert.EndsWith(",new body", text, StringComparison.Ordinal);

        using var added = await SendAsync(weft, HttpMethod.Get, "/", "replace");
        Assert.EndsWith(",new body", await added.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var overridden = await SendAsync(weft, HttpMethod.Post, "/", "modes", "hello");
        Assert.EndsWith(",HELLO", await overridden.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(overridden.Headers.Contains("x-seen"));

        using var rerouted = await SendAsync(weft, HttpMethod.Get, "/", "reroute");
        Assert.Equal("the other route", await rerouted.Content.ReadAsStringAsync());

        using var open = await SendAsync(weft, HttpMethod.Get, "/open", "deny");
        Assert.Equal(HttpStatusCode.OK, open.StatusCode);
        using var system = await SendAsync(weft, HttpMethod.Get, "/", "system");
        Assert.StartsWith($"GET,/,127.0.0.1:{await weft.Port("web")},yes,,,,", await system.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [GrpcFact]
    public async Task A_processor_that_fails_fails_the_request_or_not()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        foreach (var (what, status, details) in new[]
        {
            ("silent", 504, "ext_proc_error_per-message_timeout_exceeded"),
            ("broken", 500, "ext_proc_error_gRPC_error_13{it_broke}"),
            ("spurious", 500, "spurious_message"),
            ("invalid", 500, "Invalid_character_in_set_headers_mutation."),
        })
        {
            // Only silence is to end by time.
            var patience = what == "silent" ? "0.2s" : "60s";
            foreach (var allows in new[] { false, true })
            {
                await using var weft = await StartAsync(service.Port, upstream.Port, $"message_timeout: {patience}|failure_mode_allow: {(allows ? "true" : "false")}");
                using var response = await SendAsync(weft, HttpMethod.Post, "/", what, "hello");
                if (!allows || what == "invalid")
                {
                    Assert.Equal((status, details), ((int)response.StatusCode, response.Headers.GetValues("x-details").Single()));
                    continue;
                }

                Assert.EndsWith(",hello", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                await weft.ExpectStat("http.web.ext_proc.failure_mode_allowed", 1);
            }
        }
    }

    [GrpcFact]
    public async Task A_processor_may_exchange_bodies_in_pieces_of_its_own()
    {
        const string Duplex = "processing_mode: { request_body_mode: FULL_DUPLEX_STREAMED, request_trailer_mode: SEND, response_body_mode: FULL_DUPLEX_STREAMED, response_trailer_mode: SEND }";
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, Duplex + "|failure_mode_allow: true|message_timeout: 60s");
        var long_ = string.Concat(Enumerable.Repeat("HLL, WRLD; ", 40_000));
        foreach (var (what, body) in new[] { ("", "HLL"), ("late", "HLL WRLD"), ("", long_), ("late", long_) })
        {
            using var response = await SendAsync(weft, HttpMethod.Post, "/aeiou", what, body.ToLowerInvariant());
            var text = await response.Content.ReadAsStringAsync();
            Assert.StartsWith("POST,/*****,", text, StringComparison.Ordinal);
            Assert.EndsWith($",,{body}", text, StringComparison.Ordinal);
            Assert.Contains(what == "late" ? ",l*t*," : ",*n*,", text, StringComparison.Ordinal);
        }

        using var get = await SendAsync(weft, HttpMethod.Get, "/aeiou", "");
        Assert.StartsWith("GET,/*****,", await get.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // What the processor has alone is lost with it, whatever failure_mode_allow says; so is an answer that is none of this mode.
        using var whole = await SendAsync(weft, HttpMethod.Post, "/", "whole", "hello");
        Assert.Equal((500, "spurious_message"), ((int)whole.StatusCode, whole.Headers.GetValues("x-details").Single()));
    }

    [GrpcFact]
    public async Task Trailers_come_behind_a_body_that_the_processor_has_exchanged()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, "processing_mode: { request_body_mode: FULL_DUPLEX_STREAMED, request_trailer_mode: SEND }|message_timeout: 60s");
        foreach (var what in new[] { "", "late" })
        {
            using var peer = await RawPeer.ConnectAsync(await weft.Port("web"));
            await peer.SendAsync($"POST /t HTTP/1.1\r\nhost: a\r\nx-do: {what}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\nx-trailer: mine\r\n\r\n");
            Assert.Contains(",changed,HELLO", await peer.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [GrpcFact]
    public async Task Of_a_body_that_is_too_long_the_processor_gets_the_beginning()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, "processing_mode: { request_body_mode: BUFFERED_PARTIAL }|message_timeout: 60s");
        using var short_ = await SendAsync(weft, HttpMethod.Post, "/", "", "hello");
        Assert.EndsWith(",HELLO", await short_.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var body = string.Concat(Enumerable.Repeat("hello", 800_000));
        using var response = await SendAsync(weft, HttpMethod.Post, "/", "", body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.Contains(",HELLOHELLO", text, StringComparison.Ordinal);
        Assert.EndsWith("hellohello", text, StringComparison.Ordinal);
        Assert.EndsWith(body, text.ToLowerInvariant(), StringComparison.Ordinal);
    }

    [GrpcFact]
    public async Task A_processor_that_observes_holds_nothing_up()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, "observability_mode: true|deferred_close_timeout: 0.05s|processing_mode: { request_body_mode: STREAMED, response_body_mode: BUFFERED }");
        foreach (var what in new[] { "", "silent", "deny" })
        {
            using var response = await SendAsync(weft, HttpMethod.Post, "/a", what, "hello");
            Assert.Equal($"POST,/a,127.0.0.1:{await weft.Port("web")},,,,,,5,,hello", await response.Content.ReadAsStringAsync());
        }

        // Both heads and one body, three times.
        Assert.Equal((9, 0, 3), (await weft.Stat("http.web.ext_proc.stream_msgs_sent"), await weft.Stat("http.web.ext_proc.stream_msgs_received"), await weft.Stat("http.web.ext_proc.streams_started")));
        await weft.WaitForStat("http.web.ext_proc.streams_closed", 3);
    }

    [GrpcFact]
    public async Task The_status_of_a_failure_can_be_configured()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, "status_on_error: { code: ServiceUnavailable }|message_timeout: 60s");
        using var response = await SendAsync(weft, HttpMethod.Post, "/", "broken", "hello");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ext_proc_error_gRPC_error_13{it_broke}"), (response.StatusCode, response.Headers.GetValues("x-details").Single()));
    }

    [GrpcFact]
    public async Task A_processor_may_leave_or_ask_for_time()
    {
        using var service = await peers.StartAsync("processor");
        using var upstream = await NodeProcess.StartAsync(Echo);
        await using var weft = await StartAsync(service.Port, upstream.Port, "message_timeout: 5s|max_message_timeout: 90s");
        using var left = await SendAsync(weft, HttpMethod.Post, "/", "close", "hello");
        Assert.EndsWith(",hello", await left.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var slow = await SendAsync(weft, HttpMethod.Get, "/", "slow");
        Assert.Contains(",late,", await slow.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await weft.ExpectStat("http.web.ext_proc.override_message_timeout_received", 1);
    }

    private static async Task<HttpResponseMessage> SendAsync(WeftProcess weft, HttpMethod method, string path, string what, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, $"http://127.0.0.1:{await weft.Port("web")}{path}") { Content = body is null ? null : new StringContent(body, Encoding.ASCII) };
        if (what.Length > 0)
            request.Headers.Add("x-do", what);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return await weft.Http.SendAsync(request);
    }

    private static Task<WeftProcess> StartAsync(int service, int upstream, string settings) => WeftProcess.StartAsync(Configs.HttpProxy(
        upstream,
        manager: """
                  http_protocol_options: { enable_trailers: true }
                  local_reply_config:
                    mappers:
                    - filter: { status_code_filter: { comparison: { op: GE, value: { default_value: 200, runtime_key: none } } } }
                      headers_to_add: [{ header: { key: x-details, value: "%RESPONSE_CODE_DETAILS%" } }]
        """,
        cluster: "    http_protocol_options: { enable_trailers: true }",
        routes: """
                      - match: { prefix: /open }
                        route: { cluster: backend }
                        typed_per_filter_config: { proc: { "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute, disabled: true } }
                      - { match: { prefix: /, headers: [{ name: x-route, string_match: { exact: other } }] }, direct_response: { status: 200, body: { inline_string: the other route } } }
                      - { match: { prefix: / }, route: { cluster: backend } }
                      response_headers_to_add:
                      - { header: { key: x-metadata, value: "%DYNAMIC_METADATA(answer:number)%" } }
        """,
        filters: $$"""
                  - { name: known, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.set_metadata.v3.Config, metadata: [{ metadata_namespace: known, value: { colour: red } }] } }
                  - name: proc
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
                      grpc_service: { envoy_grpc: { cluster_name: processor } }
                      {{$"{(settings.Contains("message_timeout", StringComparison.Ordinal) ? "" : "message_timeout: 60s|")}{settings}".Replace("|", "\n              ", StringComparison.Ordinal)}}
        """,
        clusters: Configs.Cluster("processor", service, Configs.Http2Cluster)));
}
