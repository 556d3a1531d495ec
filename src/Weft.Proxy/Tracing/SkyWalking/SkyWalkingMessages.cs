using Weft.Base.Buffers;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.Tracing.SkyWalking;

/// <summary>Writes the messages of SkyWalking's trace data protocol, v3: SegmentObject, SpanObject, SegmentReference. Any worker.</summary>
internal static class SkyWalkingMessages
{
    public const int ParentSegmentId = 3, ParentService = 5, ParentServiceInstance = 6, ParentEndpoint = 7, NetworkAddressUsedAtPeer = 8;

    private const int ReferenceTraceId = 2, ParentSpanIdOfReference = 4;
    private const int SegmentTraceId = 1, SegmentId = 2, SegmentSpans = 3, SegmentService = 4, SegmentInstance = 5;
    private const int SpanId = 1, ParentSpanId = 2, StartTimeMs = 3, EndTimeMs = 4, Refs = 5, OperationName = 6, Peer = 7, SpanType = 8, SpanLayer = 9;
    private const int ComponentId = 10, IsError = 11, Tags = 12, Logs = 13;
    private const ulong TypeExit = 1, LayerHttp = 3;

    /// <summary>What SkyWalking's agents for C++ and Envoy call themselves.</summary>
    private const ulong Component = 9000;

    public static void WriteTraceId(ByteWriter reference, ReadOnlySpan<byte> traceId) => reference.WriteText(ReferenceTraceId, traceId);

    public static void WriteParentSpan(ByteWriter reference, int number) => reference.WriteNumber(ParentSpanIdOfReference, (ulong)number);

    public static void WriteText(ByteWriter output, int field, ReadOnlySpan<byte> text) => output.WriteText(field, text);

    /// <summary>A segment without its spans, which follow.</summary>
    public static void WriteSegment(ByteWriter output, SkyWalkingSegment segment, SkyWalkingTracerConfig config)
    {
        output.WriteText(SegmentTraceId, segment.TraceId.Written);
        output.WriteText(SegmentId, segment.Id.Written);
        output.WriteText(SegmentService, config.Service);
        output.WriteText(SegmentInstance, config.Instance);
    }

    /// <summary>A span as a field of its segment.</summary>
    /// <param name="output">Of the segment.</param>
    /// <param name="scratch">Used on the way.</param>
    /// <param name="span">The span.</param>
    /// <param name="tags">Its tags.</param>
    /// <param name="durationUs">How long it took.</param>
    /// <param name="number">Its number in the segment; 0: the request itself.</param>
    /// <param name="caller">Of the request itself, whom it comes from; empty: unknown.</param>
    public static void WriteSpan(ByteWriter output, ByteWriter scratch, Span span, SpanTags tags, long durationUs, int number, ReadOnlySpan<byte> caller)
    {
        var startUs = (span.StartTime.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        scratch.Clear();
        scratch.WriteNumber(SpanId, (ulong)number);
        // The request has no parent here: -1.
        scratch.WriteNumber(ParentSpanId, number == 0 ? ulong.MaxValue : 0);
        scratch.WriteNumber(StartTimeMs, (ulong)(startUs / 1000));
        scratch.WriteNumber(EndTimeMs, (ulong)((startUs + durationUs) / 1000));
        if (!caller.IsEmpty)
            scratch.WriteBytes(Refs, caller);
        scratch.WriteText(OperationName, span.Name.Written);
        if (number > 0)
            scratch.WriteNumber(SpanType, TypeExit);
        scratch.WriteNumber(SpanLayer, LayerHttp);
        scratch.WriteNumber(ComponentId, Component);
        for (var i = 0; i < tags.Count; i++)
            WriteTag(scratch, tags.NameOf(i), tags.ValueOf(i));
        for (var i = 0; i < tags.EventCount; i++)
            WriteLog(scratch, (startUs + tags.EventTimeUs(i) - span.StartUs) / 1000, tags.EventOf(i));
        output.WriteBytes(SegmentSpans, scratch.Written);
    }

    /// <summary>A few tags have other names, or places of their own.</summary>
    private static void WriteTag(ByteWriter output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.SequenceEqual("peer.address"u8))
        {
            output.WriteText(Peer, value);
            return;
        }

        if (name.SequenceEqual("error"u8))
            output.WriteNumber(IsError, 1);
        WritePair(output, Tags, name.SequenceEqual("http.url"u8) ? "url"u8 : name.SequenceEqual("http.status_code"u8) ? "status_code"u8 : name, value);
    }

    private static void WriteLog(ByteWriter output, long timeMs, ReadOnlySpan<byte> text)
    {
        var pair = ProtoText.SizeOfField(0) + ProtoText.SizeOfField(text.Length);
        output.WriteHead(Logs, 1 + ProtoText.SizeOf((ulong)timeMs) + ProtoText.SizeOfField(pair));
        output.WriteNumber(1, (ulong)timeMs);
        WritePair(output, 2, default, text);
    }

    /// <summary>A KeyStringValuePair.</summary>
    private static void WritePair(ByteWriter output, int field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        output.WriteHead(field, ProtoText.SizeOfField(key.Length) + ProtoText.SizeOfField(value.Length));
        output.WriteText(1, key);
        output.WriteText(2, value);
    }
}
