using Opentelemetry.Proto.Collector.Trace.V1;
using Opentelemetry.Proto.Trace.V1;

namespace Weft.Proxy.Tests.Tracing.OpenTelemetry;

/// <summary>Spans as an OTLP collector gets them by HTTP, and headers as an upstream gets them.</summary>
public sealed class OtelTests : IDisposable
{
    private const string Provider = "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: shop, http_service: { http_uri: { uri: \"http://otel.local/v1/traces\", cluster: collector, timeout: 1s }, request_headers_to_add: [ { header: { key: x-key, value: secret } } ] } }";
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string ParentId = "b7ad6b7169203331";

    private readonly Collector _collector = new() { Status = "200 OK" };

    [Fact]
    public async Task A_request_begins_a_trace_and_its_span_says_what_became_of_it()
    {
        using var proxy = new TracingProxy(_collector, Provider, tracing: ", verbose: true, custom_tags: [ { tag: b, request_header: { name: x-b } } ]");
        var upstream = await proxy.GetAsync("/a", ("x-b", "bee"));
        var request = await ReportAsync(0);
        Assert.StartsWith("POST /v1/traces HTTP/1.1\r\nhost: otel.local\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("content-type: application/x-protobuf\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("x-key: secret\r\n", _collector.Heads[0], StringComparison.Ordinal);

        var resource = Assert.Single(request.ResourceSpans);
        Assert.Equal("shop", resource.Resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue);
        var span = Assert.Single(Assert.Single(resource.ScopeSpans).Spans);
        Assert.Equal(("ingress", Span.Types.SpanKind.Server, 0), (span.Name, span.Kind, span.ParentSpanId.Length));
        Assert.Equal($"00-{Hex(span.TraceId)}-{Hex(span.SpanId)}-01", upstream["traceparent"]);
        Assert.InRange((long)(span.EndTimeUnixNano - span.StartTimeUnixNano), 1000, 60_000_000_000);
        Assert.Contains(span.Events, happened => happened.Name == "first_upstream_tx_byte_sent");
        var attributes = span.Attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value.StringValue);
        Assert.Equal(("200", "echo", "front", upstream["x-request-id"]), (attributes["http.status_code"], attributes["upstream_cluster"], attributes["node_id"], attributes["guid:x-request-id"]));
        Assert.Null(span.Status);
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.opentelemetry.reports_sent").Result == 1);
    }

    [Fact]
    public async Task A_trace_goes_on_and_every_attempt_has_a_span()
    {
        using var proxy = new TracingProxy(_collector, Provider, tracing: ", spawn_upstream_span: true");
        var upstream = await proxy.GetAsync("/", ("traceparent", $"00-{TraceId}-{ParentId}-01"), ("tracestate", "a=1"), ("tracestate", "b=2"));
        var client = Assert.Single((await ReportAsync(0)).ResourceSpans[0].ScopeSpans[0].Spans);
        var server = Assert.Single((await ReportAsync(1)).ResourceSpans[0].ScopeSpans[0].Spans);
        if (client.Kind == Span.Types.SpanKind.Server)
            (client, server) = (server, client);
        Assert.Equal((TraceId, ParentId, "a=1,b=2"), (Hex(server.TraceId), Hex(server.ParentSpanId), server.TraceState.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal((TraceId, Hex(server.SpanId), "router echo egress"), (Hex(client.TraceId), Hex(client.ParentSpanId), client.Name));
        Assert.Equal($"00-{TraceId}-{Hex(client.SpanId)}-01", upstream["traceparent"]);
        Assert.Equal("a=1,b=2", upstream["tracestate"].Replace(" ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_client_decided_holds_and_errors_are_marked()
    {
        using var proxy = new TracingProxy(_collector, Provider, direction: "OUTBOUND");
        Assert.EndsWith("-00", (await proxy.GetAsync("/no", ("traceparent", $"00-{TraceId}-{ParentId}-00")))["traceparent"], StringComparison.Ordinal);
        await proxy.GetAsync("/direct");
        var span = Assert.Single((await ReportAsync(0)).ResourceSpans[0].ScopeSpans[0].Spans);
        Assert.Equal(("egress www.example.com", Span.Types.SpanKind.Client, Status.Types.StatusCode.Error), (span.Name, span.Kind, span.Status.Code));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Spans_and_log_records_go_out_by_gRPC(bool isInCommonConfig)
    {
        const string Log = "log_name: mine, buffer_size_bytes: 0";
        const string Service = "grpc_service: { envoy_grpc: { cluster_name: collector }, timeout: 5s, initial_metadata: [ { key: x-key, value: secret } ] }";
        using var collector = new GrpcCollector();
        using var proxy = new TracingProxy(
            null,
            "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: shop, " + Service + " }",
            collectorPort: collector.Port,
            cluster: GrpcCollector.ClusterOptions,
            manager: "access_log: [ { name: otel, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig, " + (isInCommonConfig ? $"common_config: {{ {Log}, {Service} }}" : $"{Log}, {Service}") + ", body: { string_value: \"%REQ(:METHOD)% %RESPONSE_CODE%\" }, attributes: { values: [ { key: path, value: { string_value: \"%REQ(:PATH)%\" } }, { key: more, value: { kvlist_value: { values: [ { key: a, value: { array_value: { values: [ { string_value: \"%PROTOCOL%\" }, { string_value: x } ] } } } ] } } } ] } } } ]");
        await proxy.GetAsync("/hello");
        var messages = new Dictionary<string, byte[]>();
        for (var i = 0; i < 2; i++)
        {
            var message = await collector.MessageAsync(i);
            var head = collector.Inner.Heads[i];
            Assert.Contains("x-key: secret\r\n", head, StringComparison.Ordinal);
            Assert.Contains("content-type: application/grpc\r\n", head, StringComparison.Ordinal);
            messages[head.Split(' ')[1]] = message;
        }

        var spans = ExportTraceServiceRequest.Parser.ParseFrom(messages["/opentelemetry.proto.collector.trace.v1.TraceService/Export"]);
        var span = Assert.Single(spans.ResourceSpans[0].ScopeSpans[0].Spans);
        var logs = Opentelemetry.Proto.Collector.Logs.V1.ExportLogsServiceRequest.Parser.ParseFrom(messages["/opentelemetry.proto.collector.logs.v1.LogsService/Export"]);
        Assert.Equal(
            ["log_name=mine", "zone_name=z1", "cluster_name=front-proxy", "node_name=front"],
            logs.ResourceLogs[0].Resource.Attributes.Select(attribute => $"{attribute.Key}={attribute.Value.StringValue}"));
        var record = Assert.Single(logs.ResourceLogs[0].ScopeLogs[0].LogRecords);
        Assert.Equal("GET 200", record.Body.StringValue);
        Assert.Equal((span.TraceId, span.SpanId), (record.TraceId, record.SpanId));
        Assert.Equal(("path", "/hello"), (record.Attributes[0].Key, record.Attributes[0].Value.StringValue));
        Assert.Equal(["HTTP/1.1", "x"], record.Attributes[1].Value.KvlistValue.Values[0].Value.ArrayValue.Values.Select(value => value.StringValue));
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.opentelemetry.reports_sent").Result == 1);
        await Collector.UntilAsync(() => proxy.StatAsync("access_logs.open_telemetry_access_log.logs_written").Result == 1);
    }

    [Fact]
    public async Task Log_records_go_out_by_HTTP()
    {
        using var proxy = new TracingProxy(
            _collector,
            Provider,
            tracing: ", overall_sampling: { value: 0 }",
            manager: "access_log: [ { name: otel, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig, log_name: mine, buffer_size_bytes: 0, http_service: { http_uri: { uri: http://logs.example/v1/logs, cluster: collector, timeout: 5s } }, body: { string_value: '%RESPONSE_CODE%' } } } ]");
        await proxy.GetAsync("/");
        await Collector.UntilAsync(() => _collector.Bodies.Count == 1);
        Assert.StartsWith("POST /v1/logs HTTP/1.1\r\nhost: logs.example\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("content-type: application/x-protobuf\r\n", _collector.Heads[0], StringComparison.Ordinal);
        var logs = Opentelemetry.Proto.Collector.Logs.V1.ExportLogsServiceRequest.Parser.ParseFrom(_collector.Bodies[0]);
        Assert.Equal("200", Assert.Single(logs.ResourceLogs[0].ScopeLogs[0].LogRecords).Body.StringValue);
        // The collector answers 202.
        await Collector.UntilAsync(() => proxy.StatAsync("access_logs.open_telemetry_access_log.logs_written").Result == 1);
    }

    [Fact]
    public async Task A_gRPC_status_that_is_not_OK_counts_as_dropped()
    {
        using var collector = new GrpcCollector(grpcStatus: "14");
        using var proxy = new TracingProxy(null, "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, grpc_service: { envoy_grpc: { cluster_name: collector } } }", collectorPort: collector.Port, cluster: GrpcCollector.ClusterOptions);
        await proxy.GetAsync("/");
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.opentelemetry.reports_dropped").Result == 1);
    }

    [Fact]
    public async Task Resource_detectors_add_to_the_resource_and_a_sampler_decides_in_place_of_everybody()
    {
        const string Configured = "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: shop, http_service: { http_uri: { uri: \"http://otel.local/v1/traces\", cluster: collector, timeout: 1s } }, "
            + "sampler: { name: always, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig } }, "
            + "resource_detectors: [ { name: env, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.tracers.opentelemetry.resource_detectors.v3.EnvironmentResourceDetectorConfig } }, "
            + "{ name: static, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig, attributes: { host.name: here, service.name: store } } } ] }";
        using var proxy = new TracingProxy(_collector, Configured, tracing: ", random_sampling: { value: 0 }");
        Assert.EndsWith("-01", (await proxy.GetAsync("/", ("traceparent", $"00-{TraceId}-{ParentId}-00")))["traceparent"], StringComparison.Ordinal);
        var attributes = (await ReportAsync(0)).ResourceSpans[0].Resource.Attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value.StringValue);
        Assert.Equal(("store", "here", "weft"), (attributes["service.name"], attributes["host.name"], attributes["telemetry.sdk.name"]));
    }

    [Theory]
    [InlineData("ParentBasedSamplerConfig, wrapped_sampler: { name: w, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig } }", "00 01 01")]
    [InlineData("TraceIdRatioBasedSamplerConfig, sampling_percentage: { numerator: 0 }", "00 00 00")]
    [InlineData("TraceIdRatioBasedSamplerConfig, sampling_percentage: { numerator: 1000000, denominator: MILLION }", "01 01 01")]
    [InlineData("CELSamplerConfig, expression: { cel_expr_string: \"request.path == '/new' || request.headers['tracestate'] == 'a=1'\" }", "01 00 01")]
    [InlineData("CELSamplerConfig, expression: { cel_expr_string: \"request.headers['none'] == 'a'\" }", "00 00 00")]
    [InlineData("CELSamplerConfig, expression: { cel_expr_string: \"xds.node.id == 'front' && xds.node.locality.zone == 'z1'\" }", "01 01 01")]
    public async Task A_sampler_decides_whatever_the_client_or_this_proxy_would_have_decided(string sampler, string expected)
    {
        var configured = Provider[..^2] + ", sampler: { name: s, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.tracers.opentelemetry.samplers.v3." + sampler + " } } }";
        using var proxy = new TracingProxy(_collector, configured, tracing: ", random_sampling: { value: 0 }");
        var dropped = await proxy.GetAsync("/a", ("traceparent", $"00-{TraceId}-{ParentId}-00"), ("tracestate", "a=1"));
        var kept = await proxy.GetAsync("/b", ("traceparent", $"00-{TraceId}-{ParentId}-01"));
        var begun = await proxy.GetAsync("/new");
        Assert.Equal(expected, string.Join(' ', ((Dictionary<string, string>[])[dropped, kept, begun]).Select(headers => headers["traceparent"][^2..])));
        Assert.StartsWith($"00-{TraceId}-", dropped["traceparent"], StringComparison.Ordinal);
        Assert.Equal("a=1", dropped["tracestate"]);
    }

    [Fact]
    public async Task Without_a_service_upstreams_are_told_of_traces_that_nobody_reports()
    {
        using var proxy = new TracingProxy(_collector, "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: shop }");
        Assert.EndsWith("-01", (await proxy.GetAsync("/"))["traceparent"], StringComparison.Ordinal);
        Assert.Equal(0, await proxy.StatAsync("tracing.opentelemetry.spans_sent"));
    }

    [Fact]
    public async Task Spans_beyond_max_cache_size_are_dropped_and_counted()
    {
        using var proxy = new TracingProxy(_collector, Provider[..^2] + ", max_cache_size: 1 }");
        using (await proxy.Admin.PostAsync("runtime_modify?tracing.opentelemetry.min_flush_spans=100", null))
            await proxy.GetAsync("/a");
        await proxy.GetAsync("/b");
        var span = Assert.Single((await ReportAsync(0)).ResourceSpans[0].ScopeSpans[0].Spans);
        Assert.EndsWith("/a", span.Attributes.Single(attribute => attribute.Key == "http.url").Value.StringValue, StringComparison.Ordinal);
        await proxy.ExpectStatAsync("tracing.opentelemetry.spans_dropped", 1);
    }

    public void Dispose() => _collector.Dispose();

    private async Task<ExportTraceServiceRequest> ReportAsync(int index)
    {
        await Collector.UntilAsync(() => _collector.Bodies.Count > index);
        return ExportTraceServiceRequest.Parser.ParseFrom(_collector.Bodies[index]);
    }

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
