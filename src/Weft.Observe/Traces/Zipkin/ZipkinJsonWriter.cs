using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Weft.Observe.Traces.Zipkin;

/// <summary>Spans in Zipkin's JSON, version 2: for its API and for the disk.</summary>
internal static class ZipkinJsonWriter
{
    public static void Write(Utf8JsonWriter json, IEnumerable<SpanRecord> spans)
    {
        json.WriteStartArray();
        foreach (var span in spans)
            Write(json, span);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, SpanRecord span)
    {
        json.WriteStartObject();
        json.WriteString("traceId", span.TraceId);
        if (span.ParentId.Length > 0)
            json.WriteString("parentId", span.ParentId);
        json.WriteString("id", span.Id);
        if (span.Kind != SpanKind.None)
            json.WriteString("kind", NameOf(span.Kind));
        if (span.Name.Length > 0)
            json.WriteString("name", span.Name);
        if (span.TimestampUs > 0)
            json.WriteNumber("timestamp", span.TimestampUs);
        if (span.DurationUs > 0)
            json.WriteNumber("duration", span.DurationUs);
        WriteEndpoint(json, "localEndpoint", span.Local);
        WriteEndpoint(json, "remoteEndpoint", span.Remote);
        WriteAnnotations(json, span);
        WriteTags(json, span);
        if (span.IsDebug)
            json.WriteBoolean("debug", true);
        if (span.IsShared)
            json.WriteBoolean("shared", true);
        json.WriteEndObject();
    }

    public static string NameOf(SpanKind kind) => kind switch
    {
        SpanKind.Client => "CLIENT",
        SpanKind.Server => "SERVER",
        SpanKind.Producer => "PRODUCER",
        SpanKind.Consumer => "CONSUMER",
        _ => "",
    };

    private static void WriteEndpoint(Utf8JsonWriter json, string name, SpanEndpoint endpoint)
    {
        if (endpoint.IsUnknown)
            return;
        json.WriteStartObject(name);
        if (endpoint.Service.Length > 0)
            json.WriteString("serviceName", endpoint.Service);
        if (endpoint.Ip.Length > 0)
            json.WriteString(IPAddress.TryParse(endpoint.Ip, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4", endpoint.Ip);
        if (endpoint.Port > 0)
            json.WriteNumber("port", endpoint.Port);
        json.WriteEndObject();
    }

    private static void WriteAnnotations(Utf8JsonWriter json, SpanRecord span)
    {
        if (span.Annotations.Count == 0)
            return;
        json.WriteStartArray("annotations");
        foreach (var annotation in span.Annotations)
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp", annotation.TimestampUs);
            json.WriteString("value", annotation.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTags(Utf8JsonWriter json, SpanRecord span)
    {
        if (span.Tags.Count == 0)
            return;
        json.WriteStartObject("tags");
        foreach (var (key, value) in span.Tags)
            json.WriteString(key, value);
        json.WriteEndObject();
    }
}
