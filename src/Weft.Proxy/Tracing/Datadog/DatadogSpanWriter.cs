using Weft.Base.Buffers;

namespace Weft.Proxy.Tracing.Datadog;

/// <summary>Writes spans as Datadog's agent reads them (API v0.4, MessagePack). One worker.</summary>
/// <param name="service">The service they are of.</param>
internal sealed class DatadogSpanWriter(byte[] service)
{
    private readonly byte[] _upperHalf = new byte[HexText.IdDigits];

    public void Write(ByteWriter output, Span span, SpanTags tags, long durationUs)
    {
        var startNs = (span.StartTime.Ticks - DateTime.UnixEpoch.Ticks) * 100;
        output.WriteMapHead(12);
        Write(output, "service"u8, service);
        Write(output, "name"u8, "envoy.proxy"u8);
        Write(output, "resource"u8, FindTag(tags, "resource.name"u8) is { IsEmpty: false } resource ? resource : span.Name.Written);
        Write(output, "type"u8, "web"u8);
        Write(output, "trace_id"u8, span.TraceIdLow);
        Write(output, "span_id"u8, span.Id);
        Write(output, "parent_id"u8, span.ParentId);
        output.WriteString("start"u8);
        output.WriteSigned(startNs);
        output.WriteString("duration"u8);
        output.WriteSigned(durationUs * 1000);
        output.WriteString("error"u8);
        output.WriteSigned(FindTag(tags, "error"u8).SequenceEqual("true"u8) ? 1 : 0);
        WriteMeta(output, span, tags);
        output.WriteString("metrics"u8);
        output.WriteMapHead(1);
        output.WriteString("_sampling_priority_v1"u8);
        output.WriteFloat(span.State<SamplingPriority>().Value);
    }

    /// <summary>All tags but those that stand elsewhere; an error's reason has a name of its own besides.</summary>
    private void WriteMeta(ByteWriter output, Span span, SpanTags tags)
    {
        var reason = FindTag(tags, "error.reason"u8);
        var count = span.TraceIdHigh != 0 ? 2 : 1;
        for (var i = 0; i < tags.Count; i++)
            count += IsMeta(tags.NameOf(i)) ? 1 : 0;
        output.WriteString("meta"u8);
        output.WriteMapHead(count + (reason.IsEmpty ? 0 : 1));
        Write(output, "span.kind"u8, span.Kind == SpanKind.Server ? "server"u8 : "client"u8);
        if (span.TraceIdHigh != 0)
        {
            HexText.Write(_upperHalf, span.TraceIdHigh);
            Write(output, "_dd.p.tid"u8, _upperHalf);
        }

        for (var i = 0; i < tags.Count; i++)
        {
            if (IsMeta(tags.NameOf(i)))
                Write(output, tags.NameOf(i), tags.ValueOf(i));
        }

        if (!reason.IsEmpty)
            Write(output, "error.message"u8, reason);
    }

    private static bool IsMeta(ReadOnlySpan<byte> name) => !name.SequenceEqual("error"u8) && !name.SequenceEqual("resource.name"u8);

    private static ReadOnlySpan<byte> FindTag(SpanTags tags, ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < tags.Count; i++)
        {
            if (tags.NameOf(i).SequenceEqual(name))
                return tags.ValueOf(i);
        }

        return default;
    }

    private static void Write(ByteWriter output, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        output.WriteString(key);
        output.WriteString(value);
    }

    private static void Write(ByteWriter output, ReadOnlySpan<byte> key, ulong value)
    {
        output.WriteString(key);
        output.WriteUnsigned(value);
    }
}
