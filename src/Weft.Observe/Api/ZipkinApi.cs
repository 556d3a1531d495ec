using Weft.Observe.Serving;
using Weft.Observe.Traces;
using Weft.Observe.Traces.Zipkin;

namespace Weft.Observe.Api;

/// <summary>Zipkin's queries, version 2. Loop thread.</summary>
internal sealed class ZipkinApi(Observer observer)
{
    private const int MaxTracesAsked = 100;
    private const int DefaultTraces = 10;

    /// <summary>An answer ends with the trace that reaches it, however many were asked for.</summary>
    private const int MaxSpansAnswered = 20_000;

    private const long MicrosPerMilli = 1000;
    private const long DayMs = 24 * 3600 * 1000;

    /// <summary>Beyond any time that is meant, and far from where numbers end.</summary>
    private const long MaxMs = long.MaxValue / MicrosPerMilli / 2;

    public HttpAnswer Services(HttpCall call) => JsonAnswer.Of(Sorted(AllSpans.Select(static span => span.Service)));

    public HttpAnswer SpanNames(HttpCall call) => call.Query("serviceName") is { } service
        ? JsonAnswer.Of(Sorted(AllSpans.Where(span => span.Service == service).Select(static span => span.Name)))
        : HttpAnswer.Text(400, "serviceName is required");

    public HttpAnswer RemoteServices(HttpCall call) => call.Query("serviceName") is { } service
        ? JsonAnswer.Of(Sorted(AllSpans.Where(span => span.Service == service).Select(static span => span.Remote.Service)))
        : HttpAnswer.Text(400, "serviceName is required");

    public HttpAnswer Traces(HttpCall call) => Lists(QueryOf(call, observer.NowMs).Run(observer.Traces));

    public HttpAnswer TraceMany(HttpCall call)
    {
        var ids = (call.Query("traceIds") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        return ids.Length is 0 or > MaxTracesAsked
            ? HttpAnswer.Text(400, $"traceIds: 1 to {MaxTracesAsked} are required")
            : Lists(ids.Distinct().Select(observer.Traces.Find).OfType<TraceEntry>());
    }

    public HttpAnswer Trace(string id) => observer.Traces.Find(id) is { } trace
        ? JsonAnswer.Of(json => ZipkinJsonWriter.Write(json, trace.Spans))
        : HttpAnswer.Text(404, $"{id} not found");

    public HttpAnswer Dependencies(HttpCall call)
    {
        if (call.Number("endTs") is not { } endMs)
            return HttpAnswer.Text(400, "endTs is required");
        var query = new TraceQuery { EndUs = MicrosOf(endMs), LookbackUs = MicrosOf(call.Number("lookback") ?? DayMs) };
        return JsonAnswer.Of(json =>
        {
            json.WriteStartArray();
            foreach (var link in GraphWindow.Of(query, observer.Traces, observer.NowMs * MicrosPerMilli).Graph.Links)
            {
                json.WriteStartObject();
                json.WriteString("parent", link.Parent);
                json.WriteString("child", link.Child);
                json.WriteNumber("callCount", link.Calls);
                if (link.Errors > 0)
                    json.WriteNumber("errorCount", link.Errors);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    /// <summary>What Zipkin's own page wants to know before it asks anything else.</summary>
    public HttpAnswer PageConfig(HttpCall call) => JsonAnswer.Of(static json =>
    {
        json.WriteStartObject();
        json.WriteNumber("queryLimit", DefaultTraces);
        json.WriteNumber("defaultLookback", DayMs);
        json.WriteBoolean("searchEnabled", true);
        json.WriteStartObject("dependency");
        json.WriteBoolean("enabled", true);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public HttpAnswer TagKeys(HttpCall call) => JsonAnswer.Of(observer.Tags.Keys);

    public HttpAnswer TagValues(HttpCall call) => call.Query("key") is { } key
        ? JsonAnswer.Of(observer.Tags.Values(key))
        : HttpAnswer.Text(400, "key is required");

    /// <exception cref="FormatException">A parameter is not what it should be.</exception>
    public static TraceQuery QueryOf(HttpCall call, long nowMs) => new()
    {
        Service = call.Query("serviceName") is { } service && service != "all" ? service.ToLowerInvariant() : null,
        RemoteService = call.Query("remoteServiceName")?.ToLowerInvariant(),
        SpanName = call.Query("spanName") is { } name && name != "all" ? name : null,
        Tags = TagCondition.All(call.Query("annotationQuery"), TagCondition.OfZipkin),
        MinDurationUs = call.Number("minDuration"),
        MaxDurationUs = call.Number("maxDuration"),
        // Clocks of proxies may be ahead: without an end all are meant, and what is looked back is counted from now.
        EndUs = MicrosOf(call.Number("endTs") ?? nowMs + DayMs),
        LookbackUs = call.Number("lookback") is { } lookback ? MicrosOf(call.Number("endTs") is null ? Math.Min(lookback, MaxMs) + DayMs : lookback) : null,
        Limit = (int)Math.Min(call.Number("limit") ?? DefaultTraces, TraceQuery.MaxLimit),
    };

    /// <summary>Milliseconds of a query in microseconds.</summary>
    public static long MicrosOf(long ms) => Math.Min(ms, MaxMs) * MicrosPerMilli;

    private IEnumerable<SpanRecord> AllSpans => observer.Traces.Newest.SelectMany(static trace => trace.Spans);

    private static IEnumerable<string> Sorted(IEnumerable<string> names) => names.Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static HttpAnswer Lists(IEnumerable<TraceEntry> traces) => JsonAnswer.Of(json =>
    {
        json.WriteStartArray();
        var spans = 0;
        foreach (var trace in traces)
        {
            ZipkinJsonWriter.Write(json, trace.Spans);
            spans += trace.Spans.Count;
            if (spans >= MaxSpansAnswered)
                break;
        }

        json.WriteEndArray();
    });
}
