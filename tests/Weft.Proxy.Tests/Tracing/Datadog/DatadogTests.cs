namespace Weft.Proxy.Tests.Tracing.Datadog;

/// <summary>Traces as Datadog's agent gets them, and headers as an upstream gets them.</summary>
public sealed class DatadogTests : IDisposable
{
    private const string Provider = "{ \"@type\": type.googleapis.com/envoy.config.trace.v3.DatadogConfig, collector_cluster: collector, service_name: shop, collector_hostname: agent.local }";

    private readonly Collector _collector = new() { Status = "200 OK" };

    [Fact]
    public async Task A_request_begins_a_trace_and_its_span_says_what_became_of_it()
    {
        using var proxy = new TracingProxy(_collector, Provider, tracing: ", custom_tags: [ { tag: b, request_header: { name: x-b } } ]");
        var upstream = await proxy.GetAsync("/a", ("x-b", "bee"));
        var span = await SpanAsync(0);
        Assert.StartsWith("POST /v0.4/traces HTTP/1.1\r\nhost: agent.local\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("content-type: application/msgpack\r\n", _collector.Heads[0], StringComparison.Ordinal);
        Assert.Contains("x-datadog-trace-count: 1\r\n", _collector.Heads[0], StringComparison.Ordinal);

        Assert.Equal(("shop", "envoy.proxy", "ingress", "web", 0L, 0ul), (span["service"], span["name"], span["resource"], span["type"], span["error"], span["parent_id"]));
        Assert.Equal((upstream["x-datadog-trace-id"], upstream["x-datadog-parent-id"], "1"), ($"{span["trace_id"]}", $"{span["span_id"]}", upstream["x-datadog-sampling-priority"]));
        Assert.InRange((long)span["duration"], 1000, 60_000_000_000);
        var meta = (Dictionary<string, object>)span["meta"];
        Assert.Equal(("200", "server", "echo"), (meta["http.status_code"], meta["span.kind"], meta["upstream_cluster"]));
        // An upstream and a log agree about 128 bits.
        Assert.Equal($"_dd.p.tid={meta["_dd.p.tid"]}", upstream["x-datadog-tags"]);
        Assert.Equal($"00-{meta["_dd.p.tid"]}{(ulong)span["trace_id"]:x16}-{(ulong)span["span_id"]:x16}-01", upstream["traceparent"]);
        Assert.Equal(1.0, ((Dictionary<string, object>)span["metrics"])["_sampling_priority_v1"]);
        await Collector.UntilAsync(() => proxy.StatAsync("tracing.datadog.reports_sent").Result == 1);
        await proxy.ExpectStatAsync("tracing.datadog.traces_sent", 1);
    }

    [Fact]
    public async Task A_trace_goes_on_with_its_priority_and_attempts_are_its_children()
    {
        using var proxy = new TracingProxy(_collector, Provider, tracing: ", spawn_upstream_span: true");
        var upstream = await proxy.GetAsync("/", ("x-datadog-trace-id", "42"), ("x-datadog-parent-id", "7"), ("x-datadog-sampling-priority", "2"), ("x-datadog-tags", "_dd.p.tid=00000000000000ff,_dd.p.dm=-4"), ("x-datadog-origin", "rum"));
        var attempt = await SpanAsync(0);
        var request = await SpanAsync(1);
        if ((ulong)request["parent_id"] != 7)
            (attempt, request) = (request, attempt);
        Assert.Equal((42ul, 7ul), (request["trace_id"], request["parent_id"]));
        Assert.Equal((42ul, request["span_id"], "router echo egress"), (attempt["trace_id"], attempt["parent_id"], attempt["resource"]));
        Assert.Equal(("42", $"{attempt["span_id"]}", "2", "_dd.p.tid=00000000000000ff,_dd.p.dm=-4", "rum"),
            (upstream["x-datadog-trace-id"], upstream["x-datadog-parent-id"], upstream["x-datadog-sampling-priority"], upstream["x-datadog-tags"], upstream["x-datadog-origin"]));
    }

    [Fact]
    public async Task What_is_not_traced_is_told_to_upstreams_and_errors_are_marked()
    {
        using var proxy = new TracingProxy(_collector, Provider, tracing: ", random_sampling: { value: 0 }");
        Assert.Equal("-1", (await proxy.GetAsync("/"))["x-datadog-sampling-priority"]);
        Assert.Equal("0", (await proxy.GetAsync("/", ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")))["x-datadog-sampling-priority"]);
        await proxy.GetAsync("/direct", ("x-datadog-trace-id", "42"), ("x-datadog-parent-id", "7"), ("x-datadog-sampling-priority", "1"));
        var span = await SpanAsync(0);
        Assert.Equal((42ul, 1L), (span["trace_id"], span["error"]));
    }

    [Fact]
    public async Task Headers_that_make_no_sense_begin_a_new_trace()
    {
        using var proxy = new TracingProxy(_collector, Provider);
        var upstream = await proxy.GetAsync("/", ("x-datadog-trace-id", "4x2"), ("x-datadog-parent-id", "7"));
        Assert.NotEqual("4x2", upstream["x-datadog-trace-id"]);
        Assert.Equal(0ul, (await SpanAsync(0))["parent_id"]);
    }

    public void Dispose() => _collector.Dispose();

    private async Task<Dictionary<string, object>> SpanAsync(int index)
    {
        List<object> Traces() => [.. _collector.Bodies.SelectMany(body => (List<object>)MsgPackReader.Read(body))];
        await Collector.UntilAsync(() => Traces().Count > index);
        return (Dictionary<string, object>)Assert.Single((List<object>)Traces()[index]);
    }
}
