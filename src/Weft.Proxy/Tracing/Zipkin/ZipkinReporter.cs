using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Tracing.Zipkin;

/// <summary>
/// Gathers the spans of one worker and posts them to the collector: so many together, or those there are when time is up. A collector
/// that does not answer costs reports, never requests: only so many reports are on their way at once, and the others are dropped.
/// </summary>
internal sealed class ZipkinReporter : IClusterCallHandler
{
    private const int MaxReportsAtOnce = 64;
    private const int Accepted = 202;
    private const ulong DefaultMinSpans = 5;
    private const ulong DefaultIntervalMs = 5_000;
    private const ulong DefaultTimeoutMs = 5_000;

    private readonly ZipkinTracerConfig _config;
    private readonly Worker _worker;
    private readonly ZipkinJson _json;
    private readonly LoopTimer _timer;
    private readonly ByteWriter _spans = new(1024);
    private readonly Stack<ClusterCall> _idle = new();
    private int _count;
    private int _active;

    public ZipkinReporter(ZipkinTracerConfig config, Worker worker)
    {
        (_config, _worker) = (config, worker);
        _json = new ZipkinJson(config);
        _timer = new LoopTimer(worker.Loop, OnTimer);
    }

    public void Add(Span span, SpanTags tags, long durationUs)
    {
        _spans.Write(_count == 0 ? (byte)'[' : (byte)',');
        _json.Write(_spans, span, tags, durationUs);
        var runtime = _config.Runtime.Current;
        if (++_count == 1)
            _timer.Arm((long)runtime.GetInteger("tracing.zipkin.flush_interval_ms", DefaultIntervalMs));
        if ((ulong)_count >= runtime.GetInteger("tracing.zipkin.min_flush_spans", DefaultMinSpans))
            Flush();
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        (status switch
        {
            0 => _config.Stats.ReportsFailed,
            Accepted => _config.Stats.ReportsSent,
            _ => _config.Stats.ReportsDropped,
        }).Inc();
        _active--;
        _idle.Push(call);
    }

    private void OnTimer()
    {
        _config.Stats.TimerFlushed.Inc();
        Flush();
    }

    private void Flush()
    {
        _timer.Cancel();
        _config.Stats.SpansSent.Add(_count);
        _spans.Write((byte)']');
        Send();
        _spans.Clear();
        _count = 0;
    }

    private void Send()
    {
        if (_worker.Clusters.Find(_config.Collector) is not { } cluster)
        {
            _config.Stats.ReportsSkippedNoCluster.Inc();
            return;
        }

        if (_active >= MaxReportsAtOnce)
        {
            _config.Stats.ReportsDropped.Inc();
            return;
        }

        _active++;
        if (!_idle.TryPop(out var call))
            call = new ClusterCall(_worker, this);
        call.Headers.Set(KnownHeader.Method, "POST"u8);
        call.Headers.Set(KnownHeader.Path, _config.Path);
        call.Headers.Set(KnownHeader.Authority, _config.Host);
        call.Headers.Set(KnownHeader.ContentType, "application/json"u8);
        call.Body.Write(_spans.Written);
        call.Send(cluster, (long)_config.Runtime.Current.GetInteger("tracing.zipkin.request_timeout", DefaultTimeoutMs));
    }
}
