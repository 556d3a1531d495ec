using System.Globalization;
using System.Text.Json;

namespace Weft.Observe.Traces.Jaeger;

/// <summary>
/// Traces in the JSON of Jaeger's page. Its spans have identifiers of their own: where client and server share one, the server's half gets another, lies below the
/// client's, and takes what the server called below itself.
/// </summary>
internal static class JaegerJsonWriter
{
    private const ulong ServerHalf = 1UL << 63;

    public static void Write(Utf8JsonWriter json, TraceEntry trace)
    {
        var processes = new Dictionary<SpanEndpoint, string>();
        var halves = trace.Spans.Where(IsServerHalf).Select(static span => span.Id).ToHashSet(StringComparer.Ordinal);
        var ids = trace.Spans.Where(static span => !IsServerHalf(span)).Select(static span => span.Id).ToHashSet(StringComparer.Ordinal);
        json.WriteStartObject();
        json.WriteString("traceID", trace.Id);
        json.WriteStartArray("spans");
        foreach (var span in trace.Spans)
        {
            if (!processes.TryGetValue(span.Local, out var process))
                processes.Add(span.Local, process = string.Create(CultureInfo.InvariantCulture, $"p{processes.Count + 1}"));
            var parent = IsServerHalf(span) && ids.Contains(span.Id) ? span.Id : halves.Contains(span.ParentId) ? IdOfServerHalf(span.ParentId) : span.ParentId;
            Write(json, span, parent, process);
        }

        json.WriteEndArray();
        json.WriteStartObject("processes");
        foreach (var (endpoint, process) in processes)
            WriteProcess(json, endpoint, process);
        json.WriteEndObject();
        json.WriteNull("warnings");
        json.WriteEndObject();
    }

    /// <summary>In Jaeger's words; "" when it is not known.</summary>
    public static string KindOf(SpanRecord span) => span.Kind switch
    {
        SpanKind.Client => "client",
        SpanKind.Server => "server",
        SpanKind.Producer => "producer",
        SpanKind.Consumer => "consumer",
        _ => "",
    };

    private static void Write(Utf8JsonWriter json, SpanRecord span, string parent, string process)
    {
        json.WriteStartObject();
        json.WriteString("traceID", span.TraceId);
        json.WriteString("spanID", IsServerHalf(span) ? IdOfServerHalf(span.Id) : span.Id);
        json.WriteString("operationName", span.Name);
        json.WriteStartArray("references");
        if (parent.Length > 0)
        {
            json.WriteStartObject();
            json.WriteString("refType", "CHILD_OF");
            json.WriteString("traceID", span.TraceId);
            json.WriteString("spanID", parent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("startTime", span.TimestampUs);
        json.WriteNumber("duration", span.DurationUs);
        WriteTags(json, span);
        WriteLogs(json, span);
        json.WriteString("processID", process);
        json.WriteNull("warnings");
        json.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter json, SpanRecord span)
    {
        json.WriteStartArray("tags");
        if (span.Kind != SpanKind.None)
            WriteTag(json, "span.kind", KindOf(span));
        foreach (var (key, value) in span.Tags)
        {
            if (key != "error")
                WriteTag(json, key, value);
        }

        if (span.Tag("error") is { } error)
        {
            json.WriteStartObject();
            json.WriteString("key", "error");
            json.WriteString("type", "bool");
            json.WriteBoolean("value", true);
            json.WriteEndObject();
            if (error is not ("" or "true"))
                WriteTag(json, "error.message", error);
        }

        json.WriteEndArray();
    }

    private static void WriteLogs(Utf8JsonWriter json, SpanRecord span)
    {
        json.WriteStartArray("logs");
        foreach (var annotation in span.Annotations)
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp", annotation.TimestampUs);
            json.WriteStartArray("fields");
            WriteTag(json, "event", annotation.Value);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteProcess(Utf8JsonWriter json, SpanEndpoint endpoint, string process)
    {
        json.WriteStartObject(process);
        json.WriteString("serviceName", endpoint.Service);
        json.WriteStartArray("tags");
        if (endpoint.Ip.Length > 0)
            WriteTag(json, "ip", endpoint.Ip);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTag(Utf8JsonWriter json, string key, string value)
    {
        json.WriteStartObject();
        json.WriteString("key", key);
        json.WriteString("type", "string");
        json.WriteString("value", value);
        json.WriteEndObject();
    }

    private static bool IsServerHalf(SpanRecord span) => span is { Kind: SpanKind.Server, IsShared: true };

    private static string IdOfServerHalf(string id) =>
        ulong.TryParse(id, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? (number ^ ServerHalf).ToString("x16", CultureInfo.InvariantCulture) : id;
}
