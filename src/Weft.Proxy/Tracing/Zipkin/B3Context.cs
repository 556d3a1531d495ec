using Weft.Http;
using Weft.Proxy.Tracing.OpenTelemetry;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>What the B3 headers of a request say, in one header or in several: the span it belongs to, and whether that is sampled.</summary>
internal struct B3Context
{
    private const byte Dash = (byte)'-';

    /// <summary>There is a span to go on from.</summary>
    public bool HasSpan { get; private set; }

    /// <summary>Null: nothing is said about it.</summary>
    public bool? IsSampled { get; private set; }

    public ulong TraceIdHigh { get; private set; }

    public ulong TraceIdLow { get; private set; }

    public ulong SpanId { get; private set; }

    /// <summary>0: none.</summary>
    public ulong ParentId { get; private set; }

    /// <summary>False when there are headers that cannot be understood.</summary>
    public static bool TryRead(HeaderMap headers, out B3Context context)
    {
        context = default;
        return headers.Has(KnownHeader.B3) ? context.TryReadSingle(headers.Get(KnownHeader.B3)) : context.TryReadSeveral(headers);
    }

    /// <summary>What B3 headers do not say is taken from traceparent, if there is one.</summary>
    public void Complete(HeaderMap headers)
    {
        if (headers.Has(KnownHeader.B3) || !headers.Has(KnownHeader.Traceparent) || !TraceParent.TryRead(headers.Get(KnownHeader.Traceparent), out var parent))
            return;
        IsSampled ??= parent.IsSampled;
        if (HasSpan)
            return;
        HasSpan = true;
        IsSampled |= parent.IsSampled;
        (TraceIdHigh, TraceIdLow, SpanId) = (parent.TraceIdHigh, parent.TraceIdLow, parent.SpanId);
    }

    private bool TryReadSeveral(HeaderMap headers)
    {
        if (headers.Has(KnownHeader.XB3Sampled))
            IsSampled = headers.Get(KnownHeader.XB3Sampled) is var text && (text.SequenceEqual("1"u8) || text.SequenceEqual("true"u8));
        if (!headers.Has(KnownHeader.XB3TraceId) || !headers.Has(KnownHeader.XB3SpanId))
            return true;
        HasSpan = true;
        var parent = headers.Get(KnownHeader.XB3ParentSpanId);
        return TryReadTraceId(headers.Get(KnownHeader.XB3TraceId))
            && TryReadId(headers.Get(KnownHeader.XB3SpanId), out var span)
            && TryReadId(parent.IsEmpty ? "0"u8 : parent, out var parentId)
            && Keep(span, parentId);
    }

    /// <summary><c>TRACE-SPAN</c>, <c>TRACE-SPAN-SAMPLED</c>, <c>TRACE-SPAN-SAMPLED-PARENT</c>, or only <c>SAMPLED</c>.</summary>
    private bool TryReadSingle(ReadOnlySpan<byte> text)
    {
        if (text.Length == 1)
            return TryReadSampled(text);
        if (text.EndsWith("-"u8))
            return false;
        var trace = Take(ref text);
        var span = Take(ref text);
        HasSpan = true;
        if (trace.Length is not (16 or 32) || span.Length != HexText.IdDigits || !TryReadTraceId(trace) || !TryReadId(span, out var spanId))
            return false;
        if (text.IsEmpty)
            return Keep(spanId, 0);
        if (!TryReadSampled(Take(ref text)))
            return false;
        if (text.IsEmpty)
            return Keep(spanId, 0);
        return text.Length == HexText.IdDigits && TryReadId(text, out var parentId) && Keep(spanId, parentId);
    }

    /// <summary>The text up to the next dash; what follows that remains.</summary>
    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> text)
    {
        var dash = text.IndexOf(Dash);
        var part = dash < 0 ? text : text[..dash];
        text = dash < 0 ? default : text[(dash + 1)..];
        return part;
    }

    private bool TryReadSampled(ReadOnlySpan<byte> text)
    {
        if (text.Length != 1 || text[0] is not ((byte)'0' or (byte)'1' or (byte)'d'))
            return false;
        IsSampled = text[0] != '0';
        return true;
    }

    private bool TryReadTraceId(ReadOnlySpan<byte> text)
    {
        ulong high = 0;
        if (text.Length == 32)
        {
            if (!TryReadId(text[..16], out high))
                return false;
            text = text[16..];
        }

        TraceIdHigh = high;
        if (!TryReadId(text, out var low))
            return false;
        TraceIdLow = low;
        return true;
    }

    private static bool TryReadId(ReadOnlySpan<byte> text, out ulong id) => HexText.TryParse(text, out id);

    private bool Keep(ulong span, ulong parent)
    {
        (SpanId, ParentId) = (span, parent);
        return true;
    }
}
