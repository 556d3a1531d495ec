using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.SkyWalking;

/// <summary>
/// SkyWalking's way: a segment for every request, with the attempts at upstreams in it, streamed to the backend. Upstreams are told of the trace
/// by attempts only, so that spawn_upstream_span (or the router's start_child_span) must be on for the trace to go on. One worker.
/// </summary>
internal sealed class SkyWalkingTracer(SkyWalkingTracerConfig config, Worker worker) : Tracer
{
    private readonly SkyWalkingReporter _reporter = new(config, worker);
    private readonly ByteWriter _message = new();
    private readonly ByteWriter _scratch = new();

    /// <summary>Spans are named by paths, which the backend groups.</summary>
    public override bool TakesOperations => false;

    public override bool TryStart(Span span, HeaderMap headers, StreamInfo info, bool isTraced, TracingConfig tracing)
    {
        var segment = span.State<SkyWalkingSegment>();
        if (!headers.TryGet(SkyWalkingHeader.Name, out var caller) || !SkyWalkingHeader.TryRead(caller, segment))
        {
            // Whoever gets the header traces: without a decision to trace there must be none.
            if (!isTraced)
                return false;
            segment.Caller.Clear();
            (span.TraceIdHigh, span.TraceIdLow) = (worker.Random.Next(), worker.Random.Next());
            WriteId(segment.TraceId, span.TraceIdHigh, span.TraceIdLow);
        }

        WriteId(segment.Id, worker.Random.Next(), worker.Random.Next());
        segment.Endpoint.Clear();
        segment.Endpoint.Write(headers.Get(KnownHeader.Path));
        segment.Spans.Clear();
        segment.NextNumber = 1;
        span.IsSampled = true;
        span.Kind = SpanKind.Server;
        (span.Id, span.ParentId) = (0, 0);
        return true;
    }

    public override void Name(Span span, HeaderMap headers, TracingConfig tracing) => span.SetName(headers.Get(KnownHeader.Path));

    public override void StartUpstream(Span span, Span parent, TracingConfig tracing)
    {
        var segment = parent.State<SkyWalkingSegment>();
        var exit = span.State<SkyWalkingExit>();
        (exit.Segment, exit.Number) = (segment, segment.NextNumber++);
        span.IsSampled = true;
        span.Kind = SpanKind.Client;
    }

    public override void Inject(Span span, HeaderMap headers, Endpoint? upstream)
    {
        if (span.TracerState is not SkyWalkingExit { Segment: { } segment } exit)
            return;
        SkyWalkingHeader.Write(headers, segment, exit.Number, upstream, config, _scratch);
        span.SetName(headers.Get(KnownHeader.Path));
    }

    public override void Report(Span span, SpanTags tags, long durationUs)
    {
        if (span.TracerState is SkyWalkingExit { Segment: { } segment } exit)
        {
            SkyWalkingMessages.WriteSpan(segment.Spans, _scratch, span, tags, durationUs, exit.Number, default);
            return;
        }

        segment = span.State<SkyWalkingSegment>();
        _message.Clear();
        SkyWalkingMessages.WriteSegment(_message, segment, config);
        SkyWalkingMessages.WriteSpan(_message, _scratch, span, tags, durationUs, 0, segment.Caller.Written);
        _message.Write(segment.Spans.Written);
        _reporter.Report(_message.Written);
    }

    private static void WriteId(ByteWriter output, ulong high, ulong low)
    {
        output.Clear();
        HexText.Write(output, high);
        HexText.Write(output, low);
    }
}
