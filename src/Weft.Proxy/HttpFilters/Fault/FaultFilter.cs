using Weft.Http;
using Weft.Net;
using Weft.Proxy.HttpFilters.BodyRates;
using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Fault;

/// <summary>
/// Delays a request, answers it in place of the upstream, slows its response down: each for a share of the requests that fit. A delay is a
/// timer of the worker's loop. Pooled; worker thread.
/// </summary>
internal sealed class FaultFilter : HttpFilter
{
    private const int RateIntervalMs = 50;

    private readonly FaultFilterFactory _factory;
    private readonly Worker _worker;
    private readonly LoopTimer _delay;
    private readonly BodyRateLimiter _rate;
    private readonly ByteBucket _bucket = new(kibPerSecond: 1);
    private FaultConfig _config;
    private DownstreamCluster? _caller;
    private bool _isActive;
    private bool _requestPaused;

    public FaultFilter(FaultFilterFactory factory, Worker worker)
    {
        _factory = factory;
        _config = factory.Config;
        _worker = worker;
        _delay = new LoopTimer(worker.Loop, OnDelayOver);
        _rate = new BodyRateLimiter(this, worker.Loop, isRequest: false, watcher: null);
    }

    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        _config = Stream.RouteConfig(this) as FaultConfig ?? _factory.Config;
        if (!_config.IsFor(headers, _config.AsksForCluster ? TargetCluster(headers) : null))
            return FilterStatus.Continue;
        if (headers.Has(KnownHeader.XEnvoyDownstreamServiceCluster))
            _caller = _factory.Stats.ClusterOf(headers.Get(KnownHeader.XEnvoyDownstreamServiceCluster));
        SetUpRate(headers);
        if (TryDelay(headers, endStream))
            return FilterStatus.StopAndBuffer;
        return TryAbort(headers) ? FilterStatus.Ended : FilterStatus.Continue;
    }

    public override FilterStatus OnRequestData(ref BodyChunk chunk) => _delay.IsArmed ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnRequestTrailers(HeaderMap trailers) => _delay.IsArmed ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override FilterStatus OnResponseData(ref BodyChunk chunk)
    {
        if (_rate.IsOn)
            _rate.Take(ref chunk);
        return FilterStatus.Continue;
    }

    public override FilterStatus OnResponseTrailers(HeaderMap trailers)
        => _rate.IsOn && _rate.HoldTrailers() ? FilterStatus.StopAndBuffer : FilterStatus.Continue;

    public override void OnReset()
    {
        _delay.Cancel();
        _rate.Reset();
        ResumeRequest();
        EndFault();
        _caller = null;
    }

    private RuntimeSnapshot Runtime => _factory.Runtime.Current;

    private string? TargetCluster(HeaderMap headers)
        => Stream.Route?.Forward?.SelectCluster(new RouteRequest(headers, Stream.Info, Runtime))?.Name;

    private bool IsDrawn(FaultPercentage percentage, HeaderMap headers, string key) => Runtime.IsEnabled(percentage.Of(headers, key), _worker.Random.Next());

    private void SetUpRate(HeaderMap headers)
    {
        if (_config.ResponseRate is not { } rate || !IsDrawn(rate.Percentage, headers, _config.Keys.ResponseRatePercent))
            return;
        if (rate.KibPerSecond(headers) is not { } kibPerSecond || !TryBeginFault())
            return;
        _factory.Stats.ResponseRateInjected.Inc();
        _bucket.Renew(kibPerSecond);
        _bucket.Begin(_worker.Loop.NowUs, RateIntervalMs);
        _rate.Start(_bucket, RateIntervalMs);
    }

    private bool TryDelay(HeaderMap headers, bool endStream)
    {
        if (_config.Delay is not { } delay || !IsDrawn(delay.Percentage, headers, _caller?.DelayPercentKey ?? _config.Keys.DelayPercent))
            return false;
        if (delay.DurationMs(headers) is not { } durationMs)
            return false;
        durationMs = Runtime.GetInteger(_config.Keys.DelayDuration, durationMs);
        if (_caller is not null)
            durationMs = Runtime.GetInteger(_caller.DelayDurationKey, durationMs);
        if (durationMs == 0 || !TryBeginFault())
            return false;
        _factory.Stats.CountDelay(_config.CountsDownstreamClusters ? _caller : null);
        MarkRequest(ResponseFlags.DelayInjected);
        _delay.Arm((long)Math.Min(durationMs, int.MaxValue));
        if (endStream)
            return true;

        // The body waits where it is, not in memory.
        _requestPaused = true;
        Stream.PauseRequest();
        return true;
    }

    /// <summary>An abort may follow the delay.</summary>
    private void OnDelayOver()
    {
        if (TryAbort(Stream.RequestHeaders))
            return;
        if (_config.ResponseRate is null)
            EndFault();
        ResumeRequest();
        Stream.ContinueRequest(this);
    }

    private bool TryAbort(HeaderMap headers)
    {
        if (_config.Abort is not { } abort || !IsDrawn(abort.Percentage, headers, _caller?.AbortPercentKey ?? _config.Keys.AbortPercent))
            return false;
        var http = abort.HttpStatus(headers);
        var grpc = http is null ? abort.GrpcStatus(headers) : null;
        if ((http is null && grpc is null) || !TryBeginFault())
            return false;
        _factory.Stats.CountAbort(_config.CountsDownstreamClusters ? _caller : null);
        MarkRequest(ResponseFlags.FaultInjected);
        if (grpc is { } grpcStatus && GrpcRequest.Is(headers))
            Stream.LocalReplyHeaders.Set(KnownHeader.GrpcStatus, (long)FromRuntime(_config.Keys.AbortGrpcStatus, _caller?.AbortGrpcStatusKey, grpcStatus));
        Stream.SendLocalReply(
            http is { } status ? ValidStatus(FromRuntime(_config.Keys.AbortHttpStatus, _caller?.AbortHttpStatusKey, status), status) : 200,
            "fault filter abort"u8,
            "fault_filter_abort",
            ResponseFlags.FaultInjected);
        return true;
    }

    private ulong FromRuntime(string key, string? callerKey, ulong configured)
        => callerKey is null ? Runtime.GetInteger(key, configured) : Runtime.GetInteger(callerKey, configured);

    /// <summary>Runtime values are not checked when they are set.</summary>
    private static int ValidStatus(ulong status, ulong configured) => (int)(status is >= 200 and < 600 ? status : configured);

    private void MarkRequest(ResponseFlags flag)
    {
        Stream.Info.ResponseFlags |= flag;
        if (_config.Metadata is { Fields.Count: > 0 } metadata)
            Stream.Info.DynamicMetadata.Replace(_factory.Name, metadata);
    }

    /// <summary>A request counts once, however many faults it gets.</summary>
    private bool TryBeginFault()
    {
        if (!_isActive)
            _isActive = _factory.Stats.TryBegin(Runtime.GetInteger(_config.Keys.MaxActiveFaults, _config.MaxActiveFaults));
        return _isActive;
    }

    private void EndFault()
    {
        if (!_isActive)
            return;
        _isActive = false;
        _factory.Stats.End();
    }

    private void ResumeRequest()
    {
        if (!_requestPaused)
            return;
        _requestPaused = false;
        Stream.ResumeRequest();
    }
}
