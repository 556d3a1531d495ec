using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing.OpenTelemetry;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>Zipkin's way: B3 headers, and spans that proxies on both sides of a request may share. One worker.</summary>
internal sealed class ZipkinTracer(ZipkinTracerConfig config, Worker worker) : Tracer
{
    private readonly ZipkinReporter _reporter = new(config, worker);

    public override bool TryStart(Span span, HeaderMap headers, StreamInfo info, bool isTraced, TracingConfig tracing)
    {
        if (!B3Context.TryRead(headers, out var context))
            return false;
        if (config.HasTraceParents)
            context.Complete(headers);
        span.IsSampled = context.IsSampled ?? isTraced;
        span.Kind = KindOf(tracing, isUpstream: false);
        if (!context.HasSpan)
        {
            span.IsDecidedHere = context.IsSampled is null;
            span.Id = span.TraceIdLow = worker.Random.Next();
            span.TraceIdHigh = config.HasLongTraceIds ? worker.Random.Next() : 0;
            span.ParentId = 0;
            return true;
        }

        (span.TraceIdHigh, span.TraceIdLow) = (context.TraceIdHigh, context.TraceIdLow);
        GoOn(span, context.SpanId, context.ParentId);
        return true;
    }

    public override void Name(Span span, HeaderMap headers, TracingConfig tracing) => span.SetName(headers.Get(KnownHeader.Authority));

    public override void StartUpstream(Span span, Span parent, TracingConfig tracing)
    {
        span.Kind = KindOf(tracing, isUpstream: true);
        span.IsSampled = parent.IsSampled;
        (span.TraceIdHigh, span.TraceIdLow) = (parent.TraceIdHigh, parent.TraceIdLow);
        GoOn(span, parent.Id, parent.ParentId);
    }

    public override void Inject(Span span, HeaderMap headers, Endpoint? upstream)
    {
        Span<byte> text = stackalloc byte[2 * HexText.IdDigits];
        HexText.Write(text[HexText.IdDigits..], span.TraceIdLow);
        if (span.TraceIdHigh != 0)
            HexText.Write(text, span.TraceIdHigh);
        headers.Set(KnownHeader.XB3TraceId, span.TraceIdHigh != 0 ? text : text[HexText.IdDigits..]);
        HexText.Write(text, span.Id);
        headers.Set(KnownHeader.XB3SpanId, text[..HexText.IdDigits]);
        if (span.ParentId != 0)
        {
            HexText.Write(text, span.ParentId);
            headers.Set(KnownHeader.XB3ParentSpanId, text[..HexText.IdDigits]);
        }

        headers.Set(KnownHeader.XB3Sampled, span.IsSampled ? "1"u8 : "0"u8);
        if (config.HasTraceParents)
            TraceParent.Write(span, headers);
    }

    public override void Report(Span span, SpanTags tags, long durationUs) => _reporter.Add(span, tags, durationUs);

    /// <summary>A server's span shares the ids of the client's that the headers tell of, if that is wished; any other is its child.</summary>
    private void GoOn(Span span, ulong previousId, ulong previousParent)
    {
        if (span.Kind == SpanKind.Server && config.SharesSpans)
        {
            (span.Id, span.ParentId) = (previousId, previousParent);
            return;
        }

        span.Id = worker.Random.Next();
        span.ParentId = previousId;
    }

    /// <summary>A proxy with spans of its own for upstream requests is a hop of the trace; one without stands beside its service, on the side that the traffic's direction tells.</summary>
    private SpanKind KindOf(TracingConfig tracing, bool isUpstream)
    {
        var isClient = config.SplitsSpans || tracing.SpawnsUpstreamSpans ? isUpstream : tracing.IsEgress;
        return isClient ? SpanKind.Client : SpanKind.Server;
    }
}
