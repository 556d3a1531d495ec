using Weft.Base.Buffers;
using Weft.Base.Stats;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing;

/// <summary>
/// Gathers the spans of one worker and posts them to the collector: so many together, or those there are when time is up. A collector
/// that does not answer costs reports, never requests: only so many reports are on their way at once, and the others are dropped.
/// </summary>
internal abstract class SpanReporter : IClusterCallHandler
{
    private const int MaxReportsAtOnce = 64;
    private const ulong DefaultMinSpans = 5;
    private const ulong DefaultIntervalMs = 5_000;

    private readonly CollectorTarget _target;
    private readonly RuntimeLayers _runtime;
    private readonly Worker _worker;
    private readonly LoopTimer _timer;
    private readonly ByteWriter _spans = new(1024);
    private readonly Stack<ClusterCall> _idle = new();
    private readonly string _minSpansKey;
    private readonly string _intervalKey;
    private int _count;
    private int _active;

    /// <param name="runtimePrefix">Of the runtime keys, for example <c>tracing.zipkin.</c></param>
    protected SpanReporter(CollectorTarget target, string runtimePrefix, RuntimeLayers runtime, Worker worker)
    {
        (_target, _runtime, _worker) = (target, runtime, worker);
        _minSpansKey = runtimePrefix + "min_flush_spans";
        _intervalKey = runtimePrefix + "flush_interval_ms";
        _timer = new LoopTimer(worker.Loop, OnTimer);
    }

    protected RuntimeSnapshot Runtime => _runtime.Current;

    /// <summary>How long a report may take; 0: no limit.</summary>
    protected abstract long TimeoutMs { get; }

    protected abstract Counter SpansSent { get; }

    protected abstract Counter TimerFlushed { get; }

    /// <summary>Takes a span that has ended.</summary>
    public void Add(Span span, SpanTags tags, long durationUs)
    {
        Append(_spans, _count, span, tags, durationUs);
        if (++_count == 1)
            _timer.Arm((long)Runtime.GetInteger(_intervalKey, DefaultIntervalMs));
        if ((ulong)_count >= Runtime.GetInteger(_minSpansKey, DefaultMinSpans))
            Flush();
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        OnReportEnd(status);
        _active--;
        _idle.Push(call);
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

    private void OnTimer()
    {
        TimerFlushed.Inc();
        Flush();
    }

    private void Flush()
    {
        _timer.Cancel();
        SpansSent.Add(_count);
        Send();
        _spans.Clear();
        _count = 0;
    }

    private void Send()
    {
        var cluster = _worker.Clusters.Find(_target.Cluster);
        if (cluster is null || _active >= MaxReportsAtOnce)
        {
            OnReportLost(cluster is not null);
            return;
        }

        _active++;
        if (!_idle.TryPop(out var call))
            call = new ClusterCall(_worker, this);
        call.Headers.Set(KnownHeader.Method, "POST"u8);
        call.Headers.Set(KnownHeader.Path, _target.Path);
        call.Headers.Set(KnownHeader.Authority, _target.Host);
        call.Headers.Set(KnownHeader.ContentType, _target.ContentType);
        foreach (var (name, value) in _target.Headers)
            call.Headers.Set(name, value);
        WriteBody(_spans.Written, call.Body);
        call.Send(cluster, TimeoutMs);
    }
}
