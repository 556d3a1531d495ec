using Weft.Net;
using Weft.Proxy.Routing;
using Weft.Proxy.Streams;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// The time limits of one stream: headers, whole request, idle, whole stream. Timers that are off cost nothing; the idle
/// timer is armed once and looks at the time of the last activity when it fires. Worker thread.
/// </summary>
internal sealed class StreamTimers
{
    private readonly HttpStream _stream;
    private readonly EventLoop _loop;
    private readonly LoopTimer _headers;
    private readonly LoopTimer _request;
    private readonly LoopTimer _idle;
    private readonly LoopTimer _duration;
    private readonly LoopTimer _log;
    private long _lastActivityMs;
    private long _idleTimeoutMs;

    public StreamTimers(HttpStream stream, EventLoop loop)
    {
        _stream = stream;
        _loop = loop;
        _headers = new LoopTimer(loop, OnHeaders);
        _request = new LoopTimer(loop, OnRequest);
        _idle = new LoopTimer(loop, OnIdle);
        _duration = new LoopTimer(loop, OnDuration);
        _log = new LoopTimer(loop, OnLog);
    }

    /// <summary>The first byte of the request has come.</summary>
    public void Begin()
    {
        var config = _stream.Config;
        if (config.RequestHeadersTimeoutMs > 0)
            _headers.Arm(config.RequestHeadersTimeoutMs);
        if (config.RequestTimeoutMs > 0)
            _request.Arm(config.RequestTimeoutMs);
        if (config.MaxStreamDurationMs > 0)
            _duration.Arm(config.MaxStreamDurationMs);
        if (config.AccessLogTimes.IntervalMs > 0)
            _log.Arm(config.AccessLogTimes.IntervalMs);
        _lastActivityMs = _loop.NowMs;
        _idleTimeoutMs = config.StreamIdleTimeoutMs;
        if (_idleTimeoutMs > 0)
            ArmIdle(_idleTimeoutMs);
    }

    public void OnHeadersComplete() => _headers.Cancel();

    public void OnRequestComplete() => _request.Cancel();

    /// <summary>The route is known: its own limits replace the connection manager's.</summary>
    public void OnRoute(Route? route)
    {
        Touch();
        if (route?.Forward is not { } forward)
            return;
        if (forward.IdleTimeoutMs is { } idleMs)
        {
            _idleTimeoutMs = idleMs;
            _idle.Cancel();
            if (idleMs > 0)
                ArmIdle(idleMs);
        }

        if (forward.StreamDuration is { } duration)
        {
            _duration.Cancel();
            var limitMs = duration.LimitOf(_stream.RequestHeaders, _stream.Config.MaxStreamDurationMs);
            if (limitMs != 0)
                _duration.Arm(limitMs - (_loop.NowUs - _stream.Info.StartUs) / 1000);
        }
    }

    /// <summary>Something moved in either direction.</summary>
    public void Touch() => _lastActivityMs = _loop.NowMs;

    public void Cancel()
    {
        _headers.Cancel();
        _request.Cancel();
        _idle.Cancel();
        _duration.Cancel();
        _log.Cancel();
    }

    private void OnLog()
    {
        _stream.WriteInterimLogs(AccessLogType.DownstreamPeriodic);
        _log.Arm(_stream.Config.AccessLogTimes.IntervalMs);
    }

    private void OnHeaders()
    {
        _stream.Config.Stats.DownstreamRqHeaderTimeout.Inc();
        _stream.SendLocalReply(_stream.TimeoutStatus, "request header timeout"u8, "request_header_timeout");
    }

    private void OnRequest()
    {
        _stream.Config.Stats.DownstreamRqTimeout.Inc();
        _stream.SendLocalReply(_stream.TimeoutStatus, "request timeout"u8, "request_overall_timeout");
    }

    private void OnIdle()
    {
        var idleMs = _loop.NowMs - _lastActivityMs;
        var limitMs = _stream.Config.Overload.StreamIdle.Limit(_idleTimeoutMs);
        if (idleMs < limitMs)
        {
            ArmIdle(limitMs - idleMs);
            return;
        }

        _stream.Config.Stats.DownstreamRqIdleTimeout.Inc();
        _stream.SendLocalReply(_stream.TimeoutStatus, "stream timeout"u8, "stream_idle_timeout", ResponseFlags.StreamIdleTimeout);
    }

    private void ArmIdle(long remainingMs) => _idle.Arm(_stream.Config.Overload.StreamIdle.StepMs(remainingMs, _idleTimeoutMs));

    private void OnDuration()
    {
        _stream.Config.Stats.DownstreamRqMaxDurationReached.Inc();
        _stream.SendLocalReply(_stream.TimeoutStatus, "downstream duration timeout"u8, "max_duration_timeout", ResponseFlags.DurationTimeout);
    }
}
