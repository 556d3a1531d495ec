using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing;

/// <summary>
/// Gathers the spans of one worker and posts them to the collector: so many together, or those there are when time is up.
/// </summary>
internal abstract class SpanReporter
{
    private readonly CollectorCalls _calls;
    private readonly CollectorCalls.BodyWriter _writeBody;
    private readonly RuntimeLayers _runtime;
    private readonly LoopTimer _timer;
    private readonly ByteWriter _spans = new(1024);
    private readonly string _minSpansKey;
    private readonly string _intervalKey;
    private int _count;

    /// <param name="runtimePrefix">Of the runtime keys, for example <c>tracing.zipkin.</c></param>
    protected SpanReporter(CollectorTarget target, string runtimePrefix, RuntimeLayers runtime, Worker worker)
    {
        _runtime = runtime;
        _calls = new CollectorCalls(target, worker, (status, _) => OnReportEnd(status));
        _writeBody = body => WriteBody(_spans.Written, body);
        _minSpansKey = runtimePrefix + "min_flush_spans";
        _intervalKey = runtimePrefix + "flush_interval_ms";
        _timer = new LoopTimer(worker.Loop, OnTimer);
    }

    protected RuntimeSnapshot Runtime => _runtime.Current;

    /// <summary>How long a report may take; 0: no limit.</summary>
    protected abstract long TimeoutMs { get; }

    /// <summary>Spans that make a report, unless the runtime says otherwise.</summary>
    protected virtual ulong DefaultMinSpans => 5;

    /// <summary>After which spans are reported however few they are, unless the runtime says otherwise.</summary>
    protected virtual ulong DefaultIntervalMs => 5_000;

    /// <summary>Spans that are kept until then; default: as many as come.</summary>
    protected virtual int MaxSpans => int.MaxValue;

    protected abstract Counter SpansSent { get; }

    protected abstract Counter TimerFlushed { get; }

    /// <summary>Takes a span that has ended.</summary>
    public void Add(Span span, SpanTags tags, long durationUs)
    {
        if (_count >= MaxSpans)
        {
            OnSpanDropped();
            Flush();
            return;
        }

        Append(_spans, _count, span, tags, durationUs);
        if (++_count == 1)
            _timer.Arm((long)Runtime.GetInteger(_intervalKey, DefaultIntervalMs));
        if ((ulong)_count >= Runtime.GetInteger(_minSpansKey, DefaultMinSpans))
            Flush();
    }

    /// <summary>Writes a span behind the others.</summary>
    /// <param name="index">How many there are before it.</param>
    protected abstract void Append(ByteWriter spans, int index, Span span, SpanTags tags, long durationUs);

    /// <summary>Makes the body of a report out of the spans.</summary>
    protected abstract void WriteBody(ReadOnlySpan<byte> spans, ByteWriter body);

    /// <param name="status">Of the collector's answer; 0: there was none.</param>
    protected abstract void OnReportEnd(int status);

    /// <summary>A report was not sent: there is no such cluster, or too many are on their way.</summary>
    protected abstract void OnReportLost(bool hasCluster);

    /// <summary>There were <see cref="MaxSpans"/> already.</summary>
    protected virtual void OnSpanDropped()
    {
    }

    private void OnTimer()
    {
        TimerFlushed.Inc();
        Flush();
    }

    private void Flush()
    {
        _timer.Cancel();
        SpansSent.Add(_count);
        if (!_calls.TrySend(TimeoutMs, _writeBody, _count))
            OnReportLost(_calls.HasCluster);
        _spans.Clear();
        _count = 0;
    }
}
