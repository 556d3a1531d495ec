using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>Posts spans as one list. One worker.</summary>
internal sealed class ZipkinReporter(ZipkinTracerConfig config, Worker worker)
    : SpanReporter(config.Collector, "tracing.zipkin.", config.Runtime, worker)
{
    private const int Accepted = 202;
    private const ulong DefaultTimeoutMs = 5_000;

    private readonly ZipkinJson _json = new(config);
    private readonly ZipkinProto? _proto = config.IsProto ? new(config) : null;

    protected override long TimeoutMs => (long)Runtime.GetInteger("tracing.zipkin.request_timeout", DefaultTimeoutMs);

    protected override Counter SpansSent => config.Stats.SpansSent;

    protected override Counter TimerFlushed => config.Stats.TimerFlushed;

    protected override void Append(ByteWriter spans, int index, Span span, SpanTags tags, long durationUs)
    {
        if (_proto is not null)
        {
            _proto.Write(spans, span, tags, durationUs);
            return;
        }

        spans.Write(index == 0 ? (byte)'[' : (byte)',');
        _json.Write(spans, span, tags, durationUs);
    }

    protected override void WriteBody(ReadOnlySpan<byte> spans, ByteWriter body)
    {
        body.Write(spans);
        if (_proto is null)
            body.Write((byte)']');
    }

    protected override void OnReportEnd(int status) => (status switch
    {
        0 => config.Stats.ReportsFailed,
        Accepted => config.Stats.ReportsSent,
        _ => config.Stats.ReportsDropped,
    }).Inc();

    protected override void OnReportLost(bool hasCluster) => (hasCluster ? config.Stats.ReportsDropped : config.Stats.ReportsSkippedNoCluster).Inc();
}
