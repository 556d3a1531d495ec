using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A chain of services, and what is told of it: statistics, access logs, traces.</summary>
public sealed class ServiceChainTests
{
    private const int Requests = 200;

    [NetnsFact]
    public async Task Statistics_go_to_statsd_and_requests_to_a_file()
    {
        LineReceiver statsd = null!;
        await using var site = await ServiceChainSite.StartAsync("Metrics", site => statsd = new LineReceiver(site.Collectors.Listen(9125)));
        using var receiver = statsd;
        using var flaky = new ScriptedUpstream(FlakyAsync, site.Flaky.Listen(80));

        var answers = new List<string>();
        for (var i = 0; i < 10; i++)
            answers.Add(await site.Client.Curl([.. Enumerable.Repeat("http://172.31.76.10/", Requests / 10)]));
        var lines = string.Concat(answers).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var aborted = lines.Count(line => line == "Calling Service B: fault filter abortHello from service A.");
        Assert.Equal(Requests, aborted + lines.Count(line => line == "Calling Service B: Hello from service B."));
        Assert.Equal(Requests - aborted, lines.Count(line => line == "Hello from service A."));
        Assert.Equal(Requests, lines.Count(line => line == "Hello from service C."));
        // 15 %, give or take more than happens by chance in a thousand million runs.
        Assert.InRange(aborted, 1, 70);
        Task<string> Status(string path) => site.Client.Curl("-o", "/dev/null", "-w", "%{http_code}", "http://172.31.76.10" + path);
        // The retries, too, have the second of the route: on a machine that stands still for so long there is time for them later.
        await Wait.Until(async () => await Status("/flaky") == "503", "all retries to be made in time");
        Assert.Equal("504", await Status("/slow"));

        bool Has(string name, long count) => receiver.Counted(name) == count;
        bool HasAtLeast(string name, long count) => receiver.Counted(name) >= count;
        await Wait.Until(
            () => Task.FromResult(
                Has("front-envoy.cluster.service_a.upstream_rq_200", Requests)
                && Has("front-envoy.http.ingress_http.downstream_rq_2xx", Requests)
                && HasAtLeast("front-envoy.cluster.flaky.upstream_rq_retry", 3)
                && HasAtLeast("front-envoy.cluster.flaky.upstream_rq_timeout", 1)
                && Has("service-a.cluster.service_b.upstream_rq_503", aborted)
                && Has("service-a.cluster.service_c.upstream_rq_200", Requests)
                && Has("service-b.http.ingress_http.fault.aborts_injected", aborted)
                && Has("service-c.http.ingress_http.downstream_rq_total", Requests)),
            "the series",
            () => string.Join('\n', receiver.Lines.Where(line => line.Contains("upstream_rq_", StringComparison.Ordinal) && !line.Contains(":0|", StringComparison.Ordinal))) + site.Logs);
        Assert.Contains("front-envoy.cluster.service_a.membership_total:1|g", receiver.Lines);
        Assert.Contains(receiver.Lines, line => line.StartsWith("front-envoy.cluster.service_a.upstream_rq_time:", StringComparison.Ordinal) && line.Contains("|ms", StringComparison.Ordinal));

        await CheckAccessLogAsync(Path.Combine(site.FrontProxy.WorkingDirectory, "access.log"));
    }

    [NetnsFact]
    public async Task Zipkin_gets_one_trace_of_six_spans_in_which_both_sides_share_theirs()
    {
        var (spans, traceId) = await TraceAsync("Zipkin");
        var front = Span(spans, "front-envoy", "CLIENT");
        var toB = Span(spans, "service_a", "CLIENT", "checkStock-b");
        var toC = Span(spans, "service_a", "CLIENT", "checkStock-c");
        Assert.Equal((traceId, null), (Text(front, "id"), Text(front, "parentId")));
        Assert.Equal((Text(front, "id"), Text(front, "id")), (Text(toB, "parentId"), Text(toC, "parentId")));
        Assert.Equal(Text(front, "id"), Text(Span(spans, "service_a", "SERVER"), "id"));
        Assert.Equal(Text(toB, "id"), Text(Span(spans, "service_b", "SERVER"), "id"));
        Assert.Equal(Text(toC, "id"), Text(Span(spans, "service_c", "SERVER"), "id"));
        Assert.All(spans, span => Assert.Equal(Text(span, "kind") == "SERVER", span.TryGetProperty("shared", out _)));
    }

    [NetnsFact]
    public async Task Jaeger_gets_one_trace_of_six_spans_each_with_an_id_of_its_own()
    {
        var (spans, traceId) = await TraceAsync("Jaeger");
        Assert.Equal(6, spans.Select(span => Text(span, "id")).Distinct().Count());
        var front = Span(spans, "front-envoy", "CLIENT");
        var a = Span(spans, "service_a", "SERVER");
        var toB = Span(spans, "service_a", "CLIENT", "checkStock-b");
        Assert.Equal((traceId, Text(front, "id"), Text(a, "id")), (Text(front, "id"), Text(a, "parentId"), Text(toB, "parentId")));
        Assert.Equal(Text(toB, "id"), Text(Span(spans, "service_b", "SERVER"), "parentId"));
        Assert.DoesNotContain(spans, span => span.TryGetProperty("shared", out _));
    }

    private static async Task<(IReadOnlyList<JsonElement> Spans, string TraceId)> TraceAsync(string folder)
    {
        SpanCollector collector = null!;
        await using var site = await ServiceChainSite.StartAsync(folder, site => collector = new SpanCollector(site.Collectors.Listen(9411)));
        using var owned = collector;
        var answer = await site.Client.Curl("-i", "http://172.31.76.10/");
        Assert.EndsWith("Calling Service B: Hello from service B.\nHello from service A.\nHello from service C.\n", answer, StringComparison.Ordinal);
        var headers = answer.Split("\r\n").Where(line => line.Contains(": ", StringComparison.Ordinal)).ToDictionary(line => line.Split(": ")[0], line => line.Split(": ")[1]);
        Assert.Matches("^[0-9a-f]{16}$", headers["x-b3-traceid"]);
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-9[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", headers["x-request-id"]);

        await Wait.Until(() => Task.FromResult(collector.Spans.Count >= 6), "six spans", () => site.Logs);
        var spans = collector.Spans;
        Assert.Equal(6, spans.Count);
        Assert.All(spans, span =>
        {
            Assert.Equal(headers["x-b3-traceid"], Text(span, "traceId"));
            Assert.Equal((headers["x-request-id"], "200"), (Text(span.GetProperty("tags"), "guid:x-request-id"), Text(span.GetProperty("tags"), "http.status_code")));
        });
        Assert.Equal("checkAvailability", Text(Span(spans, "front-envoy", "CLIENT"), "name"));
        return (spans, headers["x-b3-traceid"]);
    }

    private static JsonElement Span(IReadOnlyList<JsonElement> spans, string service, string kind, string? name = null) => spans.Single(span =>
        Text(span.GetProperty("localEndpoint"), "serviceName") == service && Text(span, "kind") == kind && (name is null || Text(span, "name") == name));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    /// <summary>Fails at once for /flaky, never answers /slow.</summary>
    private static async Task FlakyAsync(RawPeer peer, int number)
    {
        while (true)
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            peer.Forget();
            if (head.StartsWith("GET /flaky ", StringComparison.Ordinal))
                await peer.SendAsync("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
        }
    }

    private static async Task CheckAccessLogAsync(string file)
    {
        JsonElement[] lines = [];
        await Wait.Until(
            async () =>
            {
                lines = [.. (await Wait.ForLines(file, Requests)).Select(line => JsonDocument.Parse(line).RootElement)];
                return lines.Any(line => Text(line, "url") == "/slow");
            },
            "the line of the last request");
        Assert.Equal(Requests, lines.Count(line => Text(line, "url") == "/" && line.GetProperty("status").GetInt32() == 200 && Text(line, "upstream-host") == "172.31.76.11:80" && Text(line, "downstream-cluster") == "front-envoy"));
        Assert.Contains(lines, line => Text(line, "url") == "/flaky" && Text(line, "respflags") == "URX");
        var slow = lines.Single(line => Text(line, "url") == "/slow");
        Assert.Equal(("UT", 504), (Text(slow, "respflags"), slow.GetProperty("status").GetInt32()));
    }
}
