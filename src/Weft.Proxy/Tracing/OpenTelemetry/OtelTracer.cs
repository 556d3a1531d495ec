using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing.OpenTelemetry.Samplers;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>OpenTelemetry's way: the headers of W3C Trace Context, every span with an id of its own. One worker.</summary>
internal sealed class OtelTracer(OtelTracerConfig config, Worker worker) : Tracer
{
    private static readonly HeaderName s_state = new(KnownHeader.Tracestate);

    /// <summary>Null: spans are passed on to upstreams, and not reported.</summary>
    private readonly OtelReporter? _reporter = config.Collector is { } collector ? new(config, collector, worker) : null;

    public override bool TryStart(Span span, HeaderMap headers, StreamInfo info, bool isTraced, TracingConfig tracing)
    {
        span.Kind = tracing.IsEgress && !tracing.SpawnsUpstreamSpans ? SpanKind.Client : SpanKind.Server;
        span.Id = worker.Random.Next();
        span.TraceState.Clear();
        if (!headers.Has(KnownHeader.Traceparent))
        {
            (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (worker.Random.Next(), worker.Random.Next(), 0);
            span.IsSampled = Samples(span, null, headers, info) ?? isTraced;
            span.IsDecidedHere = config.Sampler is null;
            return true;
        }

        if (!TraceParent.TryRead(headers.Get(KnownHeader.Traceparent), out var parent))
            return false;
        (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (parent.TraceIdHigh, parent.TraceIdLow, parent.SpanId);
        span.IsSampled = Samples(span, parent.IsSampled, headers, info) ?? parent.IsSampled;
        ReadState(span, headers);
        return true;
    }

    public override void StartUpstream(Span span, Span parent, TracingConfig tracing)
    {
        span.Kind = SpanKind.Client;
        span.IsSampled = parent.IsSampled;
        (span.TraceIdHigh, span.TraceIdLow, span.ParentId) = (parent.TraceIdHigh, parent.TraceIdLow, parent.Id);
        span.Id = worker.Random.Next();
        span.TraceState.Clear();
        span.TraceState.Write(parent.TraceState.Written);
    }

    public override void Inject(Span span, HeaderMap headers, Endpoint? upstream)
    {
        TraceParent.Write(span, headers);
        if (span.TraceState.Length > 0)
            headers.Set(KnownHeader.Tracestate, span.TraceState.Written);
        else
            headers.Remove(KnownHeader.Tracestate);
    }

    public override void Report(Span span, SpanTags tags, long durationUs) => _reporter?.Add(span, tags, durationUs);

    /// <summary>The sampler's decision; null without one.</summary>
    private bool? Samples(Span span, bool? parentIsSampled, HeaderMap headers, StreamInfo info) =>
        config.Sampler?.Samples(new SamplerInput { TraceIdHigh = span.TraceIdHigh, ParentIsSampled = parentIsSampled, Headers = headers, Info = info });

    /// <summary>Several headers are one list (section 3.3.1).</summary>
    private static void ReadState(Span span, HeaderMap headers)
    {
        for (var i = headers.IndexOf(s_state); i >= 0; i = headers.IndexOf(s_state, i + 1))
        {
            if (span.TraceState.Length > 0)
                span.TraceState.Write((byte)',');
            span.TraceState.Write(headers.ValueAt(i));
        }
    }
}
