using System.Globalization;
using Weft.Http;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>The header traceparent (W3C Trace Context, section 3.2): <c>00-TRACE-PARENT-FLAGS</c>.</summary>
internal struct TraceParent
{
    private const int Length = 55;
    private const byte Dash = (byte)'-';

    public ulong TraceIdHigh { get; private set; }

    public ulong TraceIdLow { get; private set; }

    public ulong SpanId { get; private set; }

    public bool IsSampled { get; private set; }

    /// <summary>False when it is no traceparent: all of it is ignored then.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out TraceParent result)
    {
        result = default;
        if (text.Length != Length || text[2] != Dash || text[35] != Dash || text[52] != Dash)
            return false;
        if (!HexText.TryParse(text[..2], out _) || !HexText.TryParse(text[3..19], out var high) || !HexText.TryParse(text[19..35], out var low)
            || !HexText.TryParse(text[36..52], out var span) || !HexText.TryParse(text[53..], out var flags))
            return false;
        result = new TraceParent { TraceIdHigh = high, TraceIdLow = low, SpanId = span, IsSampled = (flags & 1) != 0 };
        return (high | low) != 0 && span != 0;
    }

    public static void Write(Span span, HeaderMap headers)
    {
        Span<byte> text = stackalloc byte[Length];
        "00-"u8.CopyTo(text);
        HexText.Write(text[3..], span.TraceIdHigh);
        HexText.Write(text[19..], span.TraceIdLow);
        text[35] = text[52] = Dash;
        HexText.Write(text[36..], span.Id);
        (span.IsSampled ? 1 : 0).TryFormat(text[53..], out _, "x2", CultureInfo.InvariantCulture);
        headers.Set(KnownHeader.Traceparent, text);
    }
}
