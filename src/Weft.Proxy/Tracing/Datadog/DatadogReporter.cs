using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.Datadog;

/// <summary>Posts spans to the agent, each as a trace of its own: the agent puts together what belongs together. One worker.</summary>
internal sealed class DatadogReporter(DatadogTracerConfig config, Worker worker)
    : SpanReporter(config.Agent, "tracing.datadog.", config.Runtime, worker)
{
    private const int Ok = 200;
    private const ulong AgentTimeoutMs = 2_000;

    private readonly DatadogSpanWriter _writer = new(config.Service);
    private int _count;

    protected override ulong DefaultMinSpans => 100;

    protected override ulong DefaultIntervalMs => 2_000;

    protected override long TimeoutMs => (long)Runtime.GetInteger("tracing.datadog.request_timeout", AgentTimeoutMs);

    protected override Counter SpansSent => config.Stats.TracesSent;

    protected override Counter TimerFlushed => config.Stats.TimerFlushed;

    protected override void Append(ByteWriter spans, int index, Span span, SpanTags tags, long durationUs)
    {
        _count = index + 1;
        spans.WriteArrayHead(1);
        _writer.Write(spans, span, tags, durationUs);
    }

    protected override void WriteBody(ReadOnlySpan<byte> spans, ByteWriter body)
    {
        body.WriteArrayHead(_count);
        body.Write(spans);
    }

    protected override void OnReportEnd(int status) => (status switch
    {
        0 => config.Stats.ReportsFailed,
        Ok => config.Stats.ReportsSent,
        _ => config.Stats.ReportsDropped,
    }).Inc();

    protected override void OnReportLost(bool hasCluster) => (hasCluster ? config.Stats.ReportsDropped : config.Stats.ReportsSkippedNoCluster).Inc();
}
