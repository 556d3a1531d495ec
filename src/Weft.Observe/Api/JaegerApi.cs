using System.Text.Json;
using Weft.Observe.Serving;
using Weft.Observe.Traces;
using Weft.Observe.Traces.Jaeger;

namespace Weft.Observe.Api;

/// <summary>The queries of Jaeger's page, which Grafana makes of a Jaeger as well. Loop thread.</summary>
internal sealed class JaegerApi(Observer observer)
{
    private const int DefaultTraces = 20;

    /// <summary>An answer ends with the trace that reaches it, however many were asked for.</summary>
    private const int MaxSpansAnswered = 20_000;

    private const long MicrosPerMilli = 1000;
    private const long DayMs = 24 * 3600 * 1000;

    public HttpAnswer Services(HttpCall call) => Names(AllSpans.Select(static span => span.Service));

    /// <summary>The names of a service's spans.</summary>
    public HttpAnswer OperationNames(string service) => Names(AllSpans.Where(span => span.Service == service).Select(static span => span.Name));

    /// <summary>The same with their kinds.</summary>
    public HttpAnswer Operations(HttpCall call)
    {
        if (call.Query("service") is not { } service)
            return Fault(400, "parameter 'service' is required");
        var kind = call.Query("spanKind");
        var operations = AllSpans.Where(span => span.Service == service && span.Name.Length > 0)
            .Select(static span => (span.Name, Kind: JaegerJsonWriter.KindOf(span)))
            .Where(operation => kind is null || operation.Kind == kind)
            .Distinct().Order().ToList();
        return Data(json =>
        {
            foreach (var operation in operations)
            {
                json.WriteStartObject();
                json.WriteString("name", operation.Name);
                json.WriteString("spanKind", operation.Kind);
                json.WriteEndObject();
            }
        });
    }

    public HttpAnswer Traces(HttpCall call)
    {
        if (call.Query("traceID") is { } id)
            return Trace(id);
        return call.Query("service") is null ? Fault(400, "parameter 'service' is required") : Lists(QueryOf(call).Run(observer.Traces));
    }

    public HttpAnswer Trace(string id) => observer.Traces.Find(id) is { } trace ? Lists([trace]) : Fault(404, "trace not found");

    public HttpAnswer Dependencies(HttpCall call)
    {
        var query = new TraceQuery { EndUs = ZipkinApi.MicrosOf(call.Number("endTs") ?? observer.NowMs), LookbackUs = ZipkinApi.MicrosOf(call.Number("lookback") ?? DayMs) };
        var links = GraphWindow.Of(query, observer.Traces, observer.NowMs * MicrosPerMilli).Graph.Links;
        return Data(json =>
        {
            foreach (var link in links)
            {
                json.WriteStartObject();
                json.WriteString("parent", link.Parent);
                json.WriteString("child", link.Child);
                json.WriteNumber("callCount", link.Calls);
                json.WriteEndObject();
            }
        });
    }

    private IEnumerable<SpanRecord> AllSpans => observer.Traces.Newest.SelectMany(static trace => trace.Spans);

    private static TraceQuery QueryOf(HttpCall call) => new()
    {
        Service = call.Query("service"),
        SpanName = call.Query("operation") is { } name && name != "all" ? name : null,
        Tags = TagsOf(call.Query("tags")),
        MinDurationUs = GoDuration.Microseconds(call.Query("minDuration")),
        MaxDurationUs = GoDuration.Microseconds(call.Query("maxDuration")),
        EndUs = call.Number("end"),
        LookbackUs = call.Number("end") - call.Number("start"),
        Limit = (int)Math.Min(call.Number("limit") ?? DefaultTraces, TraceQuery.MaxLimit),
    };

    /// <summary>An object of JSON. That something failed is a mark of Jaeger's, where others write down what.</summary>
    private static List<TagCondition> TagsOf(string? text)
    {
        if (text is null)
            return [];
        using var document = JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(text));
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw new FormatException("tags is no object");
        return [.. document.RootElement.EnumerateObject().Select(static tag => (tag.Name, Value: tag.Value.ToString()) is ("error", "true")
            ? new TagCondition(tag.Name, TagOperator.Present, "")
            : new TagCondition(tag.Name, TagOperator.Equal, tag.Value.ToString()))];
    }

    private static HttpAnswer Names(IEnumerable<string> names)
    {
        var sorted = names.Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return Data(json => sorted.ForEach(json.WriteStringValue));
    }

    private static HttpAnswer Lists(IEnumerable<TraceEntry> traces) => Data(json =>
    {
        var spans = 0;
        foreach (var trace in traces)
        {
            JaegerJsonWriter.Write(json, trace);
            spans += trace.Spans.Count;
            if (spans >= MaxSpansAnswered)
                break;
        }
    });

    private static HttpAnswer Data(Action<Utf8JsonWriter> items) => Answer(200, items, null);

    private static HttpAnswer Fault(int status, string message) => Answer(status, null, message);

    private static HttpAnswer Answer(int status, Action<Utf8JsonWriter>? items, string? fault)
    {
        var answer = JsonAnswer.Of(json =>
        {
            json.WriteStartObject();
            WriteData(json, items);
            json.WriteNumber("total", 0);
            json.WriteNumber("limit", 0);
            json.WriteNumber("offset", 0);
            WriteErrors(json, status, fault);
            json.WriteEndObject();
        });
        return answer with { Status = status };
    }

    private static void WriteData(Utf8JsonWriter json, Action<Utf8JsonWriter>? items)
    {
        if (items is null)
        {
            json.WriteNull("data");
            return;
        }

        json.WriteStartArray("data");
        items(json);
        json.WriteEndArray();
    }

    private static void WriteErrors(Utf8JsonWriter json, int status, string? fault)
    {
        if (fault is null)
        {
            json.WriteNull("errors");
            return;
        }

        json.WriteStartArray("errors");
        json.WriteStartObject();
        json.WriteNumber("code", status);
        json.WriteString("msg", fault);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
