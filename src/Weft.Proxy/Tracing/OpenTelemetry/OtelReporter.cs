using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.OpenTelemetry;

/// <summary>Posts spans as an ExportTraceServiceRequest (OTLP, in protobuf). One worker.</summary>
internal sealed class OtelReporter(OtelTracerConfig config, CollectorTarget collector, Worker worker)
    : SpanReporter(collector, "tracing.opentelemetry.", config.Runtime, worker)
{
    private const int Ok = 200;
    private const int ResourceSpans = 1, Resource = 1, ScopeSpans = 2, Scope = 1;

    private readonly OtelSpanWriter _writer = new();

    protected override long TimeoutMs { get; } = collector.TimeoutMs;

    protected override int MaxSpans => config.MaxCachedSpans;

    protected override Counter SpansSent => config.Stats.SpansSent;

    protected override Counter TimerFlushed => config.Stats.TimerFlushed;

    protected override void OnSpanDropped() => config.Stats.SpansDropped.Inc();

    protected override void Append(ByteWriter spans, int index, Span span, SpanTags tags, long durationUs) => _writer.Write(spans, span, tags, durationUs);

    protected override void WriteBody(ReadOnlySpan<byte> spans, ByteWriter body)
    {
        var scopeBytes = ProtoText.SizeOfField(config.Scope.Length) + spans.Length;
        body.WriteHead(ResourceSpans, ProtoText.SizeOfField(config.Resource.Length) + ProtoText.SizeOfField(scopeBytes));
        body.WriteBytes(Resource, config.Resource);
        body.WriteHead(ScopeSpans, scopeBytes);
        body.WriteBytes(Scope, config.Scope);
        body.Write(spans);
    }

    protected override void OnReportEnd(int status) => (status switch
    {
        0 => config.Stats.ReportsFailed,
        Ok => config.Stats.ReportsSent,
        _ => config.Stats.ReportsDropped,
    }).Inc();

    protected override void OnReportLost(bool hasCluster) => config.Stats.ReportsDropped.Inc();
}
