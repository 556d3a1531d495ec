using System.Text.Json;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Tests.HttpFilters.Lua;

namespace Weft.Proxy.Tests.Tracing.Zipkin;

/// <summary>Spans as a Zipkin collector gets them, and headers as an upstream gets them.</summary>
public sealed class ZipkinTests : IDisposable
{
    private const string Zipkin = "\"@type\": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_cluster: collector, collector_endpoint: /api/v2/spans, collector_endpoint_version: HTTP_JSON";
    private const string TraceId = "463ac35c9f6413ad";
    private const string SpanId = "a2fb4a1d1a96d312";

    private readonly Collector _collector = new();

    [Fact]
    public async Task A_request_begins_a_trace_and_its_span_says_what_became_of_it()
    {
        using var proxy = Start();
        var upstream = await proxy.GetAsync("/a?b=1", ("x-client-trace-id", "mine"), ("user-agent", "tester"));
        var span = (await _collector.ZipkinSpansAsync(1)).Single();

        Assert.Equal(
            ["annotations", "duration", "id", "kind", "localEndpoint", "name", "shared", "tags", "timestamp", "traceId"],
            span.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.Matches("^[0-9a-f]{16}$", Text(span, "traceId"));
        Assert.Equal((Text(span, "traceId"), "SERVER", "www.example.com"), (Text(span, "id"), Text(span, "kind"), Text(span, "name")));
        Assert.Equal("front-proxy", Text(span.GetProperty("localEndpoint"), "serviceName"));
        Assert.InRange(span.GetProperty("duration").GetInt64(), 1, 60_000_000);
        Assert.InRange(span.GetProperty("timestamp").GetInt64() / 1_000_000, 1_600_000_000, 10_000_000_000);
        Assert.Equal("ss", Text(span.GetProperty("annotations")[0], "value"));

        Assert.Equal((Text(span, "traceId"), Text(span, "id"), "1"), (upstream["x-b3-traceid"], upstream["x-b3-spanid"], upstream["x-b3-sampled"]));
        Assert.DoesNotContain("x-b3-parentspanid", upstream.Keys);
        var tags = Tags(span);
        Assert.Equal(upstream["x-request-id"], tags["guid:x-request-id"]);
        foreach (var (name, value) in new (string, string)[]
        {
            ("http.url", "http://www.example.com/a?b=1"), ("http.method", "GET"), ("http.protocol", "HTTP/1.1"), ("http.status_code", "200"),
            ("component", "proxy"), ("node_id", "front"), ("zone", "z1"), ("upstream_cluster", "echo"), ("upstream_cluster.name", "echo"),
            ("downstream_cluster", "-"), ("user_agent", "tester"), ("peer.address", "127.0.0.1"), ("guid:x-client-trace-id", "mine"),
            ("request_size", "0"), ("response_flags", "-"),
        })
            Assert.Equal(value, tags[name]);
        Assert.DoesNotContain("error", tags.Keys);
    }

    [Fact]
    public async Task Reports_are_posted_and_counted()
    {
        using var proxy = Start();
        await proxy.GetAsync("/");
        await _collector.ZipkinSpansAsync(1);
        Assert.StartsWith("POST /api/v2/spans HTTP/1.1\r\nhost: collector\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("content-type: application/json\r\n", _collector.Heads[0], StringComparison.Ordinal);
        await proxy.ExpectStatAsync("tracing.zipkin.reports_sent", 1);
        await proxy.ExpectStatAsync("tracing.zipkin.spans_sent", 1);
        await proxy.ExpectStatAsync("http.web.tracing.random_sampling", 1);
        await proxy.ExpectStatAsync("tracing.zipkin.reports_failed", 0);
        _collector.Status = "500 Internal Server Error";
        await proxy.GetAsync("/");
        await proxy.ExpectStatAsync("tracing.zipkin.reports_dropped", 1);
    }

    [Fact]
    public async Task A_collector_that_is_down_costs_a_counter_only()
    {
        using var proxy = new TracingProxy(null, "{ " + Zipkin + " }");
        for (var i = 0; i < 3; i++)
            Assert.Matches("^[0-9a-f]{16}$", (await proxy.GetAsync("/"))["x-b3-traceid"]);
        await proxy.ExpectStatAsync("tracing.zipkin.reports_failed", 3);
    }

    [Theory]
    [InlineData("", "UNSPECIFIED", true)]
    [InlineData(", shared_span_context: false", "UNSPECIFIED", false)]
    [InlineData("", "OUTBOUND", false)]
    public async Task A_trace_goes_on_in_the_same_span_or_in_a_child(string options, string direction, bool shares)
    {
        using var proxy = Start(options, direction: direction);
        var upstream = await proxy.GetAsync("/", ("x-b3-traceid", TraceId), ("x-b3-spanid", SpanId), ("x-b3-sampled", "1"));
        var span = (await _collector.ZipkinSpansAsync(1)).Single();
        Assert.Equal((TraceId, TraceId), (Text(span, "traceId"), upstream["x-b3-traceid"]));
        Assert.Equal(Text(span, "id"), upstream["x-b3-spanid"]);
        Assert.Equal(shares, Text(span, "id") == SpanId);
        Assert.Equal(shares ? null : SpanId, span.TryGetProperty("parentId", out var parent) ? parent.GetString() : null);
        Assert.Equal(shares ? null : SpanId, upstream.GetValueOrDefault("x-b3-parentspanid"));
        Assert.Equal(direction == "OUTBOUND" ? "CLIENT" : "SERVER", Text(span, "kind"));
        Assert.Equal(shares, span.TryGetProperty("shared", out _));
    }

    [Fact]
    public async Task What_the_client_decided_holds()
    {
        using var proxy = Start();
        Assert.Equal("0", (await proxy.GetAsync("/no", ("x-b3-sampled", "0")))["x-b3-sampled"]);
        Assert.Equal("0", (await proxy.GetAsync("/no", ("b3", "0")))["x-b3-sampled"]);
        await proxy.GetAsync("/yes");
        var span = (await _collector.ZipkinSpansAsync(1)).Single();
        Assert.EndsWith("/yes", Tags(span)["http.url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_cannot_be_understood_end_the_trace()
    {
        using var proxy = Start();
        var upstream = await proxy.GetAsync("/no", ("x-b3-traceid", "what"), ("x-b3-spanid", "ever"));
        Assert.Equal(("what", false), (upstream["x-b3-traceid"], upstream.ContainsKey("x-b3-sampled")));
        await proxy.GetAsync("/yes");
        Assert.EndsWith("/yes", Tags((await _collector.ZipkinSpansAsync(1)).Single())["http.url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_ids_have_128_bits_when_that_is_configured()
    {
        using var proxy = Start(", trace_id_128bit: true");
        var upstream = await proxy.GetAsync("/");
        Assert.Matches("^[0-9a-f]{32}$", upstream["x-b3-traceid"]);
        Assert.Equal(upstream["x-b3-traceid"], Text((await _collector.ZipkinSpansAsync(1)).Single(), "traceId"));
    }

    [Theory]
    [InlineData("http://zipkin.local/api/v2/spans?a=b", "/api/v2/spans?a=b", "zipkin.local")]
    [InlineData("/spans", "/spans", "collector")]
    public async Task A_collector_may_be_told_by_a_uri_and_get_headers(string uri, string path, string host)
    {
        var provider = "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_endpoint_version: HTTP_JSON, collector_service: { http_uri: { uri: \"" + uri + "\", cluster: collector, timeout: 1s }, request_headers_to_add: [ { header: { key: x-key, value: secret } } ] } }";
        using var proxy = new TracingProxy(_collector, provider);
        await proxy.GetAsync("/");
        await _collector.ZipkinSpansAsync(1);
        Assert.StartsWith($"POST {path} HTTP/1.1\r\nhost: {host}\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("x-key: secret\r\n", _collector.Heads[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_W3C_headers_count_they_stand_in_for_B3_and_upstreams_get_both()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        using var proxy = Start(", trace_context_option: USE_B3_WITH_W3C_PROPAGATION, shared_span_context: false");
        var upstream = await proxy.GetAsync("/", ("traceparent", Parent));
        var span = (await _collector.ZipkinSpansAsync(1)).Single();
        Assert.Equal(("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"), (Text(span, "traceId"), Text(span, "parentId")));
        Assert.Equal((Text(span, "traceId"), Text(span, "id"), $"00-{Text(span, "traceId")}-{Text(span, "id")}-01"), (upstream["x-b3-traceid"], upstream["x-b3-spanid"], upstream["traceparent"]));
        upstream = await proxy.GetAsync("/", ("traceparent", Parent), ("x-b3-traceid", TraceId), ("x-b3-spanid", SpanId), ("x-b3-sampled", "0"));
        Assert.Equal((TraceId, "0", $"00-0000000000000000{TraceId}-{upstream["x-b3-spanid"]}-00"), (upstream["x-b3-traceid"], upstream["x-b3-sampled"], upstream["traceparent"]));
    }

    [Fact]
    public async Task W3C_headers_are_passed_on_as_they_are_where_only_B3_counts()
    {
        const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        using var proxy = Start();
        var upstream = await proxy.GetAsync("/", ("traceparent", Parent));
        Assert.Equal((Parent, "1"), (upstream["traceparent"], upstream["x-b3-sampled"]));
    }

    [Fact]
    public async Task A_failed_request_is_marked()
    {
        using var proxy = Start();
        await proxy.GetAsync("/direct");
        var tags = Tags((await _collector.ZipkinSpansAsync(1)).Single());
        Assert.Equal(("503", "true", false), (tags["http.status_code"], tags["error"], tags.ContainsKey("upstream_cluster")));
    }

    [Theory]
    [InlineData(", random_sampling: { value: 0 }", null, '4', "not_traceable", false)]
    [InlineData("", null, '9', "random_sampling", true)]
    [InlineData(", random_sampling: { value: 0 }", "x-client-trace-id", 'b', "client_enabled", true)]
    [InlineData(", random_sampling: { value: 0 }, client_sampling: { value: 0 }", "x-client-trace-id", '4', "not_traceable", false)]
    [InlineData(", random_sampling: { value: 0 }", "x-envoy-force-trace", 'a', "service_forced", true)]
    [InlineData(", overall_sampling: { value: 0 }", "x-envoy-force-trace", '4', "not_traceable", false)]
    public async Task The_request_id_tells_why_a_request_is_traced(string sampling, string? header, char mark, string counter, bool sampled)
    {
        using var proxy = Start(tracing: sampling);
        var upstream = await proxy.GetAsync("/", header is null ? [] : [(header, "1"), ("x-forwarded-for", "10.0.0.1")]);
        Assert.Equal(mark, upstream["x-request-id"][14]);
        Assert.Equal(sampled ? "1" : "0", upstream["x-b3-sampled"]);
        await proxy.ExpectStatAsync("http.web.tracing." + counter, 1);
    }

    [Fact]
    public async Task A_route_may_sample_otherwise_and_runtime_wins_over_both()
    {
        using var proxy = Start(route: ", tracing: { random_sampling: { numerator: 0 } }");
        Assert.Equal("0", (await proxy.GetAsync("/"))["x-b3-sampled"]);
        await proxy.Admin.PostAsync("runtime_modify?tracing.random_sampling=100", null);
        Assert.Equal("1", (await proxy.GetAsync("/"))["x-b3-sampled"]);
    }

    [LuaFact]
    public async Task A_route_that_is_found_later_decides_anew_about_sampling_and_name()
    {
        // The first route samples nothing, as the connection manager says; the one that holds after the script samples all.
        const string Script = "function envoy_on_request(handle) handle:headers():replace(':path', '/after'); handle:clearRouteCache() end";
        using var proxy = new TracingProxy(
            _collector,
            "{ " + Zipkin + " }",
            tracing: ", random_sampling: { value: 0 }",
            route: ", tracing: { random_sampling: { numerator: 100 } }, decorator: { operation: after }",
            filters: $"{{ name: lua, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, default_source_code: {{ inline_string: \"{Script}\" }} }} }},");
        var upstream = await proxy.GetAsync("/direct");
        Assert.Equal(("1", '9'), (upstream["x-b3-sampled"], upstream["x-request-id"][14]));
        Assert.Equal("after", Text((await _collector.ZipkinSpansAsync(1))[0], "name"));
        await proxy.ExpectStatAsync("http.web.tracing.random_sampling", 1);
        await proxy.ExpectStatAsync("http.web.tracing.not_traceable", 0);

        // What the caller has decided stays.
        Assert.Equal("0", (await proxy.GetAsync("/direct", ("x-b3-sampled", "0")))["x-b3-sampled"]);
    }

    [Fact]
    public async Task A_decorator_names_the_span_and_is_told_to_the_client_or_the_upstream()
    {
        using (var proxy = Start(route: ", decorator: { operation: checkOut }"))
        {
            var answer = await proxy.GetAsync("/");
            Assert.Equal(("checkOut", false), (answer["response x-envoy-decorator-operation"], answer.ContainsKey("x-envoy-decorator-operation")));
            Assert.Equal("checkOut", Text((await _collector.ZipkinSpansAsync(1))[0], "name"));
            await proxy.GetAsync("/", ("x-envoy-decorator-operation", "theirs"));
            Assert.Equal("theirs", Text((await _collector.ZipkinSpansAsync(2))[1], "name"));
        }

        using (var proxy = Start(route: ", decorator: { operation: checkOut }", direction: "OUTBOUND"))
        {
            proxy.Upstream.ResponseHeaders = "x-envoy-decorator-operation: better\r\n";
            var answer = await proxy.GetAsync("/");
            Assert.Equal(("checkOut", false), (answer["x-envoy-decorator-operation"], answer.ContainsKey("response x-envoy-decorator-operation")));
            Assert.Equal("better", Text((await _collector.ZipkinSpansAsync(3))[2], "name"));
        }
    }

    [Fact]
    public async Task Custom_tags_come_from_configuration_headers_and_metadata_and_a_routes_win()
    {
        using var proxy = Start(
            tracing: ", max_path_tag_length: 5, verbose: true, custom_tags: [ { tag: a, literal: { value: one } }, { tag: b, request_header: { name: x-b, default_value: none } }, { tag: c, request_header: { name: x-c } }, { tag: e, environment: { name: WEFT_NO_SUCH, default_value: there } }, { tag: h, metadata: { kind: { host: {} }, metadata_key: { key: k, path: [ { key: p } ] }, default_value: no host } } ]",
            route: ", tracing: { custom_tags: [ { tag: a, literal: { value: two } } ] }");
        await proxy.GetAsync("/0123456789", ("x-b", "bee \"quoted\""));
        var span = (await _collector.ZipkinSpansAsync(1)).Single();
        var tags = Tags(span);
        Assert.Equal(("two", "bee \"quoted\"", "there", "no host", false), (tags["a"], tags["b"], tags["e"], tags["h"], tags.ContainsKey("c")));
        Assert.EndsWith(".com/0123", tags["http.url"], StringComparison.Ordinal);
        var events = span.GetProperty("annotations").EnumerateArray().Select(annotation => Text(annotation, "value")).ToList();
        Assert.Contains("first_upstream_tx_byte_sent", events);
        Assert.Equal("ss", events[^1]);
    }

    [Theory]
    [InlineData(", spawn_upstream_span: true", "")]
    [InlineData("", ", start_child_span: true")]
    public async Task Every_attempt_has_a_span_of_its_own_when_that_is_configured(string tracing, string router)
    {
        using var proxy = Start(tracing: tracing, direction: "OUTBOUND", router: router);
        var upstream = await proxy.GetAsync("/");
        var spans = await _collector.ZipkinSpansAsync(2);
        var child = spans.Single(span => span.TryGetProperty("parentId", out _));
        var parent = spans.Single(span => !span.TryGetProperty("parentId", out _));
        Assert.Equal((Text(parent, "id"), Text(parent, "traceId")), (Text(child, "parentId"), Text(child, "traceId")));
        Assert.Equal((Text(child, "id"), Text(parent, "id")), (upstream["x-b3-spanid"], upstream["x-b3-parentspanid"]));
        Assert.Equal(("router echo egress", "CLIENT"), (Text(child, "name"), Text(child, "kind")));
        var tags = Tags(child);
        Assert.Equal(("200", $"127.0.0.1:{proxy.Upstream.Port}", "HTTP/1.1", "echo"), (tags["http.status_code"], tags["peer.address"], tags["http.protocol"], tags["upstream_cluster"]));
    }

    [Theory]
    [InlineData("", "GET /x 200", "echo of GET")]
    [InlineData(", tracing: { operation: 'route %REQ(x-none)%%REQ(:PATH)%', upstream_operation: 'own %UPSTREAM_CLUSTER%' }, decorator: { operation: checkOut }", "route /x", "own echo")]
    public async Task Formats_name_spans_and_attempts_and_a_routes_win(string route, string name, string attempt)
    {
        using var proxy = Start(tracing: ", spawn_upstream_span: true, operation: '%REQ(:METHOD)% %REQ(:PATH)% %RESPONSE_CODE%', upstream_operation: '%UPSTREAM_CLUSTER% of %REQ(:METHOD)%'", route: route);
        await proxy.GetAsync("/x", ("x-envoy-decorator-operation", "other"));
        var spans = await _collector.ZipkinSpansAsync(2);
        Assert.Equal(name, Text(spans.Single(span => Text(span, "kind") == "SERVER"), "name"));
        Assert.Equal(attempt, Text(spans.Single(span => Text(span, "kind") == "CLIENT"), "name"));
    }

    [Fact]
    public async Task Attempts_that_fail_are_marked_and_retries_counted()
    {
        using var proxy = Start(tracing: ", spawn_upstream_span: true", action: ", retry_policy: { retry_on: reset, num_retries: 1, retry_back_off: { base_interval: 0.001s } }");
        proxy.Upstream.ClosesWithoutAnswer = true;
        await proxy.GetAsync("/");
        var spans = await _collector.ZipkinSpansAsync(3);
        var attempts = spans.Where(span => Text(span, "kind") == "CLIENT").Select(Tags).ToList();
        Assert.Equal(2, attempts.Count);
        Assert.All(attempts, tags => Assert.Equal(("0", "true", "connection termination"), (tags["http.status_code"], tags["error"], tags["error.reason"])));
        Assert.Equal([null, "1"], attempts.Select(tags => tags.GetValueOrDefault("retry.count")));
        Assert.Equal("503", Tags(spans.Single(span => Text(span, "kind") == "SERVER"))["http.status_code"]);
    }

    [Fact]
    public async Task Spans_go_out_as_protobuf_when_that_is_configured()
    {
        using var proxy = new TracingProxy(_collector, "{ " + Zipkin.Replace("HTTP_JSON", "HTTP_PROTO", StringComparison.Ordinal) + " }", tracing: ", verbose: true");
        var upstream = await proxy.GetAsync("/");
        await Collector.UntilAsync(() => _collector.Bodies.Count > 0);
        Assert.Contains("content-type: application/x-protobuf\r\n", _collector.Heads[0], StringComparison.Ordinal);
        var span = Assert.Single(Fields(_collector.Bodies[0])[1]);
        var fields = Fields(span);
        Assert.Equal(upstream["x-b3-traceid"], Convert.ToHexStringLower(fields[1].Single()));
        Assert.Equal(upstream["x-b3-spanid"], Convert.ToHexStringLower(fields[3].Single()));
        Assert.Equal("www.example.com", System.Text.Encoding.UTF8.GetString(fields[5].Single()));
        var tags = fields[11].Select(Fields).ToDictionary(tag => System.Text.Encoding.UTF8.GetString(tag[1].Single()), tag => System.Text.Encoding.UTF8.GetString(tag[2].Single()));
        Assert.Equal(("200", "proxy"), (tags["http.status_code"], tags["component"]));
        Assert.Equal("front-proxy", System.Text.Encoding.UTF8.GetString(Fields(fields[8].Single())[1].Single()));
        Assert.Equal("ss", System.Text.Encoding.UTF8.GetString(Fields(fields[10][^1])[2].Single()));
    }

    /// <summary>The texts and messages of a message, by number.</summary>
    private static Dictionary<int, List<byte[]>> Fields(byte[] message)
    {
        var result = new Dictionary<int, List<byte[]>>();
        var input = new Google.Protobuf.CodedInputStream(message);
        while (input.ReadTag() is not 0 and var tag)
        {
            if ((tag & 7) != 2)
            {
                input.SkipLastField();
                continue;
            }

            if (!result.TryGetValue((int)(tag >> 3), out var values))
                result.Add((int)(tag >> 3), values = []);
            values.Add(input.ReadBytes().ToByteArray());
        }

        return result;
    }

    [Fact]
    public void What_cannot_work_is_refused_in_Envoys_words()
    {
        Assert.Contains("envoy.tracers.zipkin: unknown cluster 'nowhere'", Fault("collector_cluster: nowhere, collector_endpoint: /, collector_endpoint_version: HTTP_JSON"), StringComparison.Ordinal);
        Assert.Contains("HTTP_JSON_V1 has been deprecated", Fault("collector_cluster: nowhere, collector_endpoint: /"), StringComparison.Ordinal);
        Assert.Contains("collector_cluster and collector_endpoint must be specified when not using collector_service", Fault("collector_cluster: nowhere, collector_endpoint_version: HTTP_JSON"), StringComparison.Ordinal);
        Assert.Contains("envoy.tracers.zipkin: unknown cluster 'nowhere'", Fault("collector_service: { http_uri: { uri: /, cluster: nowhere, timeout: 1s } }, collector_endpoint_version: HTTP_JSON"), StringComparison.Ordinal);
    }

    public void Dispose() => _collector.Dispose();

    private static string Fault(string zipkin)
    {
        var yaml = $$"""
            static_resources:
              listeners:
              - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: web
                      tracing: { provider: { name: tracer, typed_config: { "@type": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, {{zipkin}} } } }
                      http_filters: [ { name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
                      route_config: {}
            """;
        using var server = Server.Create(new ServerOptions { ConfigYaml = yaml, Mode = ServerMode.Validate, Concurrency = 1 }, out var findings);
        return string.Join('\n', findings.Errors);
    }

    private TracingProxy Start(string options = "", string tracing = "", string route = "", string direction = "UNSPECIFIED", string router = "", string action = "") =>
        new(_collector, "{ " + Zipkin + options + " }", tracing, route, direction, router: router, action: action);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static Dictionary<string, string> Tags(JsonElement span) =>
        span.GetProperty("tags").EnumerateObject().ToDictionary(tag => tag.Name, tag => tag.Value.GetString()!);
}
