using Weft.Base.Buffers;
using Weft.Net;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>Writes spans in Zipkin's JSON, version 2. One worker.</summary>
internal sealed class ZipkinJson(ZipkinTracerConfig config)
{
    private readonly byte[] _endpoint = EndpointOf(config);

    public void Write(ByteWriter output, Span span, SpanTags tags, long durationUs)
    {
        var startUs = UnixUs(span.StartTime);
        var isServer = span.Kind == SpanKind.Server;
        output.Write("{\"traceId\":\""u8);
        HexText.WriteTraceId(output, span);
        if (span.ParentId != 0)
        {
            output.Write("\",\"parentId\":\""u8);
            HexText.Write(output, span.ParentId);
        }

        output.Write("\",\"id\":\""u8);
        HexText.Write(output, span.Id);
        output.Write(isServer ? "\",\"kind\":\"SERVER\",\"name\":"u8 : "\",\"kind\":\"CLIENT\",\"name\":"u8);
        JsonText.WriteString(output, span.Name.Written);
        output.Write(",\"timestamp\":"u8);
        output.Write(startUs);
        output.Write(",\"duration\":"u8);
        output.Write(durationUs);
        output.Write(",\"localEndpoint\":"u8);
        output.Write(_endpoint);
        WriteTags(output, tags);
        WriteAnnotations(output, span, tags, startUs, startUs + durationUs);
        if (isServer && config.SharesSpans)
            output.Write(",\"shared\":true"u8);
        output.Write((byte)'}');
    }

    private static void WriteTags(ByteWriter output, SpanTags tags)
    {
        output.Write(",\"tags\":"u8);
        for (var i = 0; i < tags.Count; i++)
        {
            output.Write(i == 0 ? (byte)'{' : (byte)',');
            JsonText.WriteString(output, tags.NameOf(i));
            output.Write((byte)':');
            JsonText.WriteString(output, tags.ValueOf(i));
        }

        output.Write(tags.Count == 0 ? "{}"u8 : "}"u8);
    }

    /// <summary>The events, and the end in Zipkin's old words.</summary>
    private static void WriteAnnotations(ByteWriter output, Span span, SpanTags tags, long startUs, long endUs)
    {
        output.Write(",\"annotations\":["u8);
        for (var i = 0; i < tags.EventCount; i++)
        {
            WriteAnnotation(output, startUs + tags.EventTimeUs(i) - span.StartUs, tags.EventOf(i));
            output.Write((byte)',');
        }

        WriteAnnotation(output, endUs, span.Kind == SpanKind.Server ? "ss"u8 : "cr"u8);
        output.Write((byte)']');
    }

    private static void WriteAnnotation(ByteWriter output, long timeUs, ReadOnlySpan<byte> value)
    {
        output.Write("{\"timestamp\":"u8);
        output.Write(timeUs);
        output.Write(",\"value\":"u8);
        JsonText.WriteString(output, value);
        output.Write((byte)'}');
    }

    private static byte[] EndpointOf(ZipkinTracerConfig config)
    {
        var output = new ByteWriter();
        output.Write("{"u8);
        if (config.ServiceName.Length > 0)
        {
            output.Write("\"serviceName\":"u8);
            JsonText.WriteString(output, config.ServiceName);
            output.Write((byte)',');
        }

        output.Write("\"ipv4\":\""u8);
        output.Advance(config.Address.Format(output.GetSpan(NetAddress.MaxTextBytes), withPort: false));
        output.Write("\",\"port\":0}"u8);
        return output.Written.ToArray();
    }

    /// <summary>Microseconds since 1970.</summary>
    public static long UnixUs(DateTime utc) => (utc.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
