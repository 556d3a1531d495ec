using System.Buffers.Text;
using Weft.Http;
using Weft.Proxy.Tracing.OpenTelemetry;

namespace Weft.Proxy.Tracing.Datadog;

/// <summary>
/// What Datadog's headers say of the trace that a request belongs to, or those of W3C Trace Context where there are none:
/// ids are decimal numbers, the upper half of the trace id stands among tags.
/// </summary>
internal struct DatadogContext
{
    public static readonly HeaderName TraceIdName = new("x-datadog-trace-id");
    public static readonly HeaderName ParentIdName = new("x-datadog-parent-id");
    public static readonly HeaderName PriorityName = new("x-datadog-sampling-priority");
    public static readonly HeaderName TagsName = new("x-datadog-tags");

    /// <summary>The tag of the trace id's upper half, in hexadecimal digits.</summary>
    private static ReadOnlySpan<byte> UpperHalf => "_dd.p.tid="u8;

    public ulong TraceIdHigh { get; private set; }

    public ulong TraceIdLow { get; private set; }

    public ulong SpanId { get; private set; }

    /// <summary>Positive: it is kept; null: nobody has decided.</summary>
    public int? Priority { get; private set; }

    /// <summary>False when the request belongs to no trace, or its headers cannot be understood.</summary>
    public static bool TryRead(HeaderMap headers, out DatadogContext context)
    {
        context = default;
        if (!headers.TryGet(TraceIdName, out var trace))
            return TryReadW3C(headers, out context);
        if (!TryParse(trace, out var traceId) || traceId == 0 || !TryParse(headers.Get(ParentIdName), out var span))
            return false;
        context = new DatadogContext { TraceIdLow = traceId, SpanId = span, TraceIdHigh = ReadUpperHalf(headers.Get(TagsName)) };
        var priority = headers.Get(PriorityName);
        if (Utf8Parser.TryParse(priority, out int number, out var used) && used == priority.Length)
            context.Priority = number;
        return true;
    }

    private static bool TryReadW3C(HeaderMap headers, out DatadogContext context)
    {
        context = default;
        if (!headers.Has(KnownHeader.Traceparent) || !TraceParent.TryRead(headers.Get(KnownHeader.Traceparent), out var parent))
            return false;
        context = new DatadogContext
        {
            TraceIdHigh = parent.TraceIdHigh,
            TraceIdLow = parent.TraceIdLow,
            SpanId = parent.SpanId,
            Priority = parent.IsSampled ? 1 : 0,
        };
        return true;
    }

    private static ulong ReadUpperHalf(ReadOnlySpan<byte> tags)
    {
        var start = tags.IndexOf(UpperHalf);
        if (start < 0)
            return 0;
        var text = tags[(start + UpperHalf.Length)..];
        var end = text.IndexOf((byte)',');
        return HexText.TryParse(end < 0 ? text : text[..end], out var high) ? high : 0;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out ulong id) => Utf8Parser.TryParse(text, out id, out var used) && used == text.Length;
}
