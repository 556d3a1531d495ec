using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.AccessLogs.Grpc;

namespace Weft.Proxy.Tests.Tracing.SkyWalking;

/// <summary>Segments as SkyWalking's backend gets them, and headers as an upstream gets them.</summary>
public sealed class SkyWalkingTests : IDisposable
{
    private const int SegmentTraceId = 1, SegmentId = 2, Spans = 3, Service = 4, Instance = 5;
    private const int SpanId = 1, ParentSpanId = 2, Refs = 5, OperationName = 6, Peer = 7, SpanType = 8, SpanLayer = 9, IsError = 11, Tags = 12;

    private const string Provider = "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.SkyWalkingConfig, grpc_service: { envoy_grpc: { cluster_name: collector } }, client_config: { service_name: shop, backend_token: secret } }";

    private readonly StreamReceiver _backend = new();
    private readonly GrpcCollector _front;

    public SkyWalkingTests() => _front = new GrpcCollector(_backend.Port);

    [Fact]
    public async Task A_request_is_a_segment_with_its_attempts()
    {
        using var proxy = Proxy(tracing: ", spawn_upstream_span: true");
        var caller = string.Join('-', "1", Base64("trace.7"), Base64("segment.3"), "4", Base64("client"), Base64("client-1"), Base64("/from"), Base64("www.example.com:80"));
        var upstream = await proxy.GetAsync("/a?b=c", ("sw8", caller));
        var segment = (await SegmentsAsync(1))[0];
        Assert.StartsWith("POST /skywalking.v3.TraceSegmentReportService/collect HTTP/1.1\r\n", _backend.Head, StringComparison.Ordinal);
        Assert.Contains("authentication: secret\r\n", _backend.Head, StringComparison.Ordinal);
        Assert.Equal(("trace.7", "shop", "front"), (segment.Text(SegmentTraceId), segment.Text(Service), segment.Text(Instance)));
        var spans = segment.Messages(Spans).OrderBy(span => span.Number(SpanId)).ToList();
        Assert.Equal(2, spans.Count);
        Assert.Equal((0L, -1L, "/a?b=c", 0L, 3L), (spans[0].Number(SpanId), spans[0].Number(ParentSpanId), spans[0].Text(OperationName), spans[0].Number(SpanType), spans[0].Number(SpanLayer)));
        var reference = Assert.Single(spans[0].Messages(Refs));
        Assert.Equal(("trace.7", "segment.3", 4L, "client", "client-1", "/from"), (reference.Text(2), reference.Text(3), reference.Number(4), reference.Text(5), reference.Text(6), reference.Text(7)));
        Assert.Equal((1L, 0L, 1L, $"127.0.0.1:{proxy.Upstream.Port}"), (spans[1].Number(SpanId), spans[1].Number(ParentSpanId), spans[1].Number(SpanType), spans[1].Text(Peer)));
        Assert.Contains(spans[1].Messages(Tags), tag => (tag.Text(1), tag.Text(2)) == ("status_code", "200"));

        var told = upstream["sw8"].Split('-');
        Assert.Equal(("1", "trace.7", segment.Text(SegmentId), "1", "shop", "/a?b=c"), (told[0], Text(told[1]), Text(told[2]), told[3], Text(told[4]), Text(told[6])));
        // The backend joins the attempt's span and what the upstream reports by this address.
        Assert.Equal((8, spans[1].Text(Peer)), (told.Length, Text(told[7])));
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.skywalking.segments_sent").Result == 1);
    }

    [Fact]
    public async Task Without_a_header_the_proxy_decides_and_a_faulty_header_begins_a_trace()
    {
        using (var untraced = Proxy(tracing: ", random_sampling: { value: 0 }, spawn_upstream_span: true"))
            Assert.False((await untraced.GetAsync("/")).ContainsKey("sw8"));
        using var proxy = Proxy();
        var upstream = await proxy.GetAsync("/direct", ("sw8", "1-!!-x-4-a-b-c-d"));
        var segment = (await SegmentsAsync(1))[0];
        var span = Assert.Single(segment.Messages(Spans));
        Assert.Equal((32, 0, 1L), (segment.Text(SegmentTraceId).Length, span.Messages(Refs).Count, span.Number(IsError)));
    }

    [Fact]
    public async Task Decorators_do_not_rename_spans_that_the_backend_knows_by_their_paths()
    {
        using var proxy = Proxy(route: ", decorator: { operation: checkOut }");
        Assert.Equal("checkOut", (await proxy.GetAsync("/a"))["response x-envoy-decorator-operation"]);
        Assert.Equal("/a", Assert.Single((await SegmentsAsync(1))[0].Messages(Spans)).Text(OperationName));
    }

    [Fact]
    public async Task While_the_backend_is_away_the_latest_segments_are_kept_and_sent_when_it_is_back()
    {
        // A port that is taken, and refuses until somebody listens.
        using var port = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = ((IPEndPoint)port.LocalEndPoint!).Port;
        using var proxy = new TracingProxy(null, Provider.Replace("backend_token: secret", "max_cache_size: 2", StringComparison.Ordinal), collectorPort: address, cluster: GrpcCollector.ClusterOptions);
        foreach (var path in (string[])["/1", "/2", "/3"])
            await proxy.GetAsync(path);
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.skywalking.segments_dropped").Result == 1);
        Assert.Equal(0, await proxy.StatAsync("tracing.skywalking.segments_sent"));

        port.Listen();
        using var relay = new Relay(port, _front.Port);
        var names = (await SegmentsAsync(2)).SelectMany(segment => segment.Messages(Spans)).Select(span => span.Text(OperationName));
        Assert.Equal(["/2", "/3"], names);
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.skywalking.segments_sent").Result == 2);
        await proxy.ExpectStatAsync("tracing.skywalking.cache_flushed", 1);
        await proxy.ExpectStatAsync("tracing.skywalking.segments_flushed", 2);
    }

    public void Dispose()
    {
        _front.Dispose();
        _backend.Dispose();
    }

    private TracingProxy Proxy(string tracing = "", string route = "") => new(null, Provider, tracing, route, collectorPort: _front.Port, cluster: GrpcCollector.ClusterOptions);

    private async Task<List<WireMessage>> SegmentsAsync(int count)
    {
        List<byte[]> Messages() => [.. _backend.Streams.SelectMany(stream => stream)];
        await Collector.UntilAsync(() => Messages().Count >= count);
        return Messages().ConvertAll(message => new WireMessage(message));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Text(string encoded) => Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
}
