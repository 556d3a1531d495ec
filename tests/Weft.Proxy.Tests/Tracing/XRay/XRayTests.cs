using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Weft.Proxy.Tests.Tracing.XRay;

/// <summary>Segments as X-Ray's daemon gets them, and headers as an upstream gets them.</summary>
public sealed class XRayTests : IDisposable
{
    private const string TraceId = "1-5759e988-bd862e3fe1be46a994272793";

    private readonly Socket _daemon = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

    public XRayTests() => _daemon.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    [Fact]
    public async Task A_request_is_a_segment_by_the_rules_of_the_manifest()
    {
        using var proxy = new TracingProxy(null, Provider("""{"version":2,"default":{"fixed_target":0,"rate":0},"rules":[{"host":"*.EXAMPLE.com","url_path":"/tr?ced*","fixed_target":0,"rate":1}]}"""));
        Assert.Matches("^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$", (await proxy.GetAsync("/other"))["x-amzn-trace-id"]);
        var upstream = await proxy.GetAsync("/traced?x=\"1\"", ("user-agent", "te\"st"));
        var segment = await SegmentAsync();
        Assert.Equal($"Root={segment.GetProperty("trace_id")};Parent={segment.GetProperty("id")};Sampled=1", upstream["x-amzn-trace-id"]);
        Assert.Equal(("shop", "AWS::Test"), (segment.GetProperty("name").GetString(), segment.GetProperty("origin").GetString()));
        Assert.Equal("one", segment.GetProperty("aws").GetProperty("k").GetString());
        var http = segment.GetProperty("http");
        Assert.Equal(("GET", "te\"st", 200), (http.GetProperty("request").GetProperty("method").GetString(), http.GetProperty("request").GetProperty("user_agent").GetString(), http.GetProperty("response").GetProperty("status").GetInt32()));
        Assert.Equal("ingress", segment.GetProperty("annotations").GetProperty("direction").GetString());
        Assert.True(segment.GetProperty("end_time").GetDouble() > segment.GetProperty("start_time").GetDouble());
        Assert.False(segment.TryGetProperty("fault", out _));
    }

    [Fact]
    public async Task A_trace_goes_on_as_the_header_says_and_attempts_are_subsegments()
    {
        using var proxy = new TracingProxy(null, Provider("""{"version":2,"default":{"fixed_target":0,"rate":0}}"""), tracing: ", spawn_upstream_span: true");
        var upstream = await proxy.GetAsync("/", ("x-amzn-trace-id", $"Root={TraceId}; Parent=53995c3f42cd8ad8; Sampled=1"));
        var attempt = await SegmentAsync();
        var request = await SegmentAsync();
        if (request.TryGetProperty("type", out _))
            (attempt, request) = (request, attempt);
        Assert.Equal((TraceId, "53995c3f42cd8ad8"), (request.GetProperty("trace_id").GetString(), request.GetProperty("parent_id").GetString()));
        Assert.Equal(("subsegment", TraceId, request.GetProperty("id").GetString()), (attempt.GetProperty("type").GetString(), attempt.GetProperty("trace_id").GetString(), attempt.GetProperty("parent_id").GetString()));
        Assert.Equal($"Root={TraceId};Parent={attempt.GetProperty("id")};Sampled=1", upstream["x-amzn-trace-id"]);
        Assert.Equal((true, false, false), (request.TryGetProperty("origin", out _), attempt.TryGetProperty("origin", out _), attempt.TryGetProperty("aws", out _)));
        Assert.EndsWith(";Sampled=0", (await proxy.GetAsync("/", ("x-amzn-trace-id", $"Root={TraceId};Sampled=0")))["x-amzn-trace-id"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_a_fault()
    {
        using var proxy = new TracingProxy(null, Provider("""{"version":2,"default":{"fixed_target":5,"rate":0}}"""));
        await proxy.GetAsync("/direct");
        Assert.True((await SegmentAsync()).GetProperty("fault").GetBoolean());
    }

    public void Dispose() => _daemon.Dispose();

    private string Provider(string manifest) =>
        "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.XRayConfig, segment_name: shop, daemon_endpoint: { protocol: UDP, address: 127.0.0.1, port_value: "
        + ((IPEndPoint)_daemon.LocalEndPoint!).Port + " }, sampling_rule_manifest: { inline_string: '" + manifest + "' }, segment_fields: { origin: \"AWS::Test\", aws: { k: one } } }";

    private async Task<JsonElement> SegmentAsync()
    {
        var buffer = new byte[64 * 1024];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var count = await _daemon.ReceiveAsync(buffer, limit.Token);
        var lines = Encoding.UTF8.GetString(buffer, 0, count).Split('\n');
        Assert.Equal("""{"format":"json","version":1}""", lines[0]);
        return JsonDocument.Parse(lines[1]).RootElement;
    }
}
