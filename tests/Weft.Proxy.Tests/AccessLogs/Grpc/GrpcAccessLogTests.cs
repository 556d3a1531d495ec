using Envoy.Data.Accesslog.V3;
using Envoy.Service.Accesslog.V3;
using Weft.Proxy.Tests.Tracing;

namespace Weft.Proxy.Tests.AccessLogs.Grpc;

/// <summary>Entries as an access log service gets them, over a stream that begins again when it was lost.</summary>
public sealed class GrpcAccessLogTests
{
    private const string Log =
        "access_log: [ { name: als, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig, additional_request_headers_to_log: [x-a], additional_response_headers_to_log: [content-length], common_config: { log_name: mine, transport_api_version: V3, buffer_size_bytes: 0, grpc_service: { envoy_grpc: { cluster_name: collector } } } } } ]";

    [Fact]
    public async Task Requests_are_streamed_and_a_lost_stream_is_begun_again()
    {
        using var service = new StreamReceiver();
        using var front = new GrpcCollector(service.Port);
        using var proxy = new TracingProxy(null, "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_cluster: echo, collector_endpoint: /, collector_endpoint_version: HTTP_JSON }", collectorPort: front.Port, cluster: GrpcCollector.ClusterOptions, manager: Log);
        await proxy.GetAsync("/one", ("x-a", "b"), ("user-agent", "tester"));
        await proxy.GetAsync("/direct");
        await Collector.UntilAsync(() => service.Streams is [{ Count: 2 }, ..]);
        Assert.StartsWith("POST /envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs HTTP/1.1\r\n", service.Head, StringComparison.Ordinal);

        var messages = service.Streams[0].ConvertAll(StreamAccessLogsMessage.Parser.ParseFrom);
        Assert.Equal(("mine", "front", "front-proxy"), (messages[0].Identifier.LogName, messages[0].Identifier.Node.Id, messages[0].Identifier.Node.Cluster));
        Assert.Null(messages[1].Identifier);
        var entry = Assert.Single(messages[0].HttpLogs.LogEntry);
        Assert.Equal(HTTPAccessLogEntry.Types.HTTPVersion.Http11, entry.ProtocolVersion);
        Assert.Equal(
            (Envoy.Config.Core.V3.RequestMethod.Get, "www.example.com", "/one", "tester", "b"),
            (entry.Request.RequestMethod, entry.Request.Authority, entry.Request.Path, entry.Request.UserAgent, entry.Request.RequestHeaders["x-a"]));
        Assert.Equal((200u, "via_upstream", true), (entry.Response.ResponseCode!.Value, entry.Response.ResponseCodeDetails, entry.Response.ResponseHeaders.ContainsKey("content-length")));
        var common = entry.CommonProperties;
        Assert.Equal(("echo", "127.0.0.1", (uint)proxy.Upstream.Port, AccessLogType.DownstreamEnd),
            (common.UpstreamCluster, common.DownstreamRemoteAddress.SocketAddress.Address, common.UpstreamRemoteAddress.SocketAddress.PortValue, common.AccessLogType));
        Assert.NotNull(common.TimeToFirstUpstreamTxByte);
        Assert.Equal(503u, messages[1].HttpLogs.LogEntry[0].Response.ResponseCode!.Value);

        // HTTP/1.1 heads and an empty body, as they were on the wire.
        Assert.Equal(
            (entry.Request.DownstreamHeaderBytesReceived + entry.Request.RequestBodyBytes, entry.Response.DownstreamHeaderBytesSent + entry.Response.ResponseBodyBytes),
            (common.DownstreamWireBytesReceived, common.DownstreamWireBytesSent));
        Assert.True(entry.Request.UpstreamHeaderBytesSent > 0 && entry.Response.UpstreamHeaderBytesReceived > 0);
        Assert.Equal(entry.Request.UpstreamHeaderBytesSent, common.UpstreamWireBytesSent);

        service.Drop();
        // What is written before the loss is noticed is lost.
        while (service.Streams.Count < 2 || service.Streams[^1].Count == 0)
        {
            await proxy.GetAsync("/again");
            await Task.Delay(10);
        }

        var again = StreamAccessLogsMessage.Parser.ParseFrom(service.Streams[^1][0]);
        Assert.Equal(("mine", "/again"), (again.Identifier.LogName, again.HttpLogs.LogEntry[0].Request.Path));
        Assert.True(await proxy.StatAsync("access_logs.grpc_access_log.logs_written") >= 3);
    }

    [Fact]
    public async Task Entries_hold_configured_tags_and_objects_of_the_filter_state()
    {
        const string Filter = "{ name: s, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config, on_request_headers: [ "
            + "{ object_key: tenant, factory_key: envoy.string, format_string: { text_format_source: { inline_string: \"%REQ(x-tenant)%\" } } } ] } },";
        const string More = "common_config: { custom_tags: [ { tag: fixed, literal: { value: one } }, { tag: tenant, request_header: { name: x-tenant } }, { tag: absent, request_header: { name: x-none } } ], filter_state_objects_to_log: [ tenant, none ], ";
        using var service = new StreamReceiver();
        using var front = new GrpcCollector(service.Port);
        using var proxy = new TracingProxy(
            null,
            "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig }",
            collectorPort: front.Port,
            cluster: GrpcCollector.ClusterOptions,
            filters: Filter,
            manager: Log.Replace("common_config: {", More, StringComparison.Ordinal) + "\n          access_log_options: { flush_access_log_on_new_request: true }");
        await proxy.GetAsync("/one", ("x-tenant", "blue"));
        await Collector.UntilAsync(() => service.Streams is [{ Count: 2 }, ..]);
        var entries = service.Streams[0].ConvertAll(message => StreamAccessLogsMessage.Parser.ParseFrom(message).HttpLogs.LogEntry.Single().CommonProperties);

        var (begun, ended) = (entries[0], entries[1]);
        Assert.Equal((AccessLogType.DownstreamStart, true), (begun.AccessLogType, IsIntermediate(begun)));
        Assert.Null(begun.Duration);
        Assert.Equal((AccessLogType.DownstreamEnd, false), (ended.AccessLogType, IsIntermediate(ended)));
        Assert.NotNull(ended.Duration);
        Assert.Equal(["fixed=one", "tenant=blue"], ended.CustomTags.Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
        var state = Assert.Single(ended.FilterStateObjects);
        Assert.Equal(("tenant", "blue"), (state.Key, state.Value.Unpack<Google.Protobuf.WellKnownTypes.StringValue>().Value));
    }

    [Theory]
    [InlineData("grpc.v3.HttpGrpcAccessLogConfig", "grpc_access_log")]
    [InlineData("open_telemetry.v3.OpenTelemetryAccessLogConfig", "open_telemetry_access_log")]
    public async Task Entries_for_a_service_that_is_down_are_counted_as_lost(string type, string log)
    {
        var manager = "access_log: [ { name: als, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.access_loggers." + type + ", common_config: { log_name: mine, transport_api_version: V3, buffer_size_bytes: 0, grpc_service: { envoy_grpc: { cluster_name: collector } } } } } ]";
        // Nobody listens at its port.
        using var proxy = new TracingProxy(null, "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig }", cluster: GrpcCollector.ClusterOptions, manager: manager);
        for (var i = 0; i < 3; i++)
            await proxy.GetAsync("/");
        await Collector.UntilAsync(() => proxy.StatAsync($"access_logs.{log}.logs_dropped").Result == 3);
        Assert.Equal(0, await proxy.StatAsync($"access_logs.{log}.logs_written"));
    }

    [Theory]
    [InlineData("grpc.v3.HttpGrpcAccessLogConfig", "grpc_access_log")]
    [InlineData("open_telemetry.v3.OpenTelemetryAccessLogConfig", "open_telemetry_access_log")]
    public async Task Entries_for_a_service_that_cannot_be_reached_are_tried_again_as_often_as_the_retry_policy_says(string type, string log)
    {
        var manager = "access_log: [ { name: als, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.access_loggers." + type + ", common_config: { log_name: mine, transport_api_version: V3, buffer_size_bytes: 0, grpc_service: { envoy_grpc: { cluster_name: collector } }, grpc_stream_retry_policy: { num_retries: 2, retry_back_off: { base_interval: 0.001s } } } } } ]";
        // Nobody listens at its port.
        using var proxy = new TracingProxy(null, "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig }", cluster: GrpcCollector.ClusterOptions, manager: manager);
        await proxy.GetAsync("/");
        await Collector.UntilAsync(() => proxy.StatAsync($"access_logs.{log}.logs_dropped").Result == 1);
        await proxy.ExpectStatAsync("cluster.collector.upstream_cx_connect_fail", 3);
        await proxy.ExpectStatAsync("cluster.collector.upstream_rq_retry", 2);
    }

#pragma warning disable CS0612 // the field is deprecated, and still written
    private static bool IsIntermediate(AccessLogCommon properties) => properties.IntermediateLogEntry;
#pragma warning restore CS0612
}
