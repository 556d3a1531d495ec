using Weft.Base.Buffers;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Routing;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router.Mirroring;

/// <summary>
/// One mirrored request: a copy that goes its own way. It never holds the real one back: body that its upstream does not take is kept up to a
/// limit, beyond which the mirror is given up. Once it has the whole request it lives on by itself until it is answered or times out. Worker thread.
/// </summary>
internal sealed class MirrorRequest : IUpstreamHandler
{
    private readonly Worker _worker;
    private readonly WorkerCluster _cluster;
    private readonly HeaderMap _headers = new();
    private readonly HeaderMap _response = new();
    private readonly ByteQueue _waiting;
    private readonly PendingRequest _pending;
    private readonly LoopTimer _timeout;
    private readonly long _timeoutMs;
    private readonly int _limitBytes;
    private readonly UpstreamFilterChain? _filters;
    private readonly long _startUs;
    private Endpoint? _endpoint;
    private UpstreamStream? _stream;
    private HeaderMap? _trailers;
    private bool _headersOnly;
    private bool _isComplete;
    private bool _isBackedUp;
    private bool _isEndSent;
    private bool _isAnswered;
    private bool _isOver;

    /// <param name="worker">Whose turn it is.</param>
    /// <param name="cluster">Where to.</param>
    /// <param name="policy">Changes the copy.</param>
    /// <param name="request">The real one; its headers, as they go upstream, are copied.</param>
    /// <param name="limitBytes">How much body may wait.</param>
    /// <param name="timeoutMs">From the end of the request on; 0: none.</param>
    /// <param name="filters">What it passes where its cluster has no filters of its own; null: nothing.</param>
    public MirrorRequest(Worker worker, WorkerCluster cluster, MirrorPolicy policy, in RouteRequest request, int limitBytes, long timeoutMs, UpstreamFilterChain? filters)
    {
        (_worker, _cluster, _limitBytes, _timeoutMs, _filters) = (worker, cluster, limitBytes, timeoutMs, filters);
        _startUs = worker.Loop.NowUs;
        _headers.CopyFrom(request.Headers);
        policy.Change(_headers, request.Info);
        _waiting = new ByteQueue(worker.Loop.Buffers);
        _pending = new PendingRequest(this);
        _timeout = new LoopTimer(worker.Loop, OnTimeout);
    }

    private ClusterStats Stats => _cluster.Config.Stats;

    private bool IsInternal => _headers.Has(KnownHeader.XEnvoyInternal);

    /// <summary>Sends the head, as soon as there is a connection.</summary>
    public void Start(bool headersOnly)
    {
        _headersOnly = headersOnly;
        if (headersOnly)
            Complete();
        _endpoint = _cluster.Pick(new Clusters.LoadBalancing.LoadBalancerContext(null, _headers));
        if (_endpoint is not null)
        {
            _cluster.NewFilteredStream(_endpoint, _pending, _headers, _filters);
            return;
        }

        Stats.UpstreamCxNoneHealthy.Inc();
        Fail(503);
    }

    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isOver)
            return;
        if (endStream)
            Complete();
        if (_stream is { } stream && !_isBackedUp)
        {
            _isEndSent = endStream;
            stream.EncodeData(data, endStream);
            return;
        }

        if (_waiting.Length + data.Length <= _limitBytes)
        {
            _waiting.Append(data);
            return;
        }

        Stats.RetryOrShadowAbandoned.Inc();
        Cancel();
    }

    public void SendTrailers(HeaderMap trailers)
    {
        if (_isOver)
            return;
        Complete();
        if (_stream is { } stream && !_isBackedUp)
        {
            _isEndSent = true;
            stream.EncodeTrailers(trailers);
            return;
        }

        _trailers = new HeaderMap();
        _trailers.CopyFrom(trailers);
    }

    /// <summary>The real request has ended before its body did.</summary>
    public void Cancel()
    {
        if (_pending.IsWaiting)
            _pending.Cancel();
        var stream = _stream;
        End();
        stream?.Cancel();
    }

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        stream.EncodeHeaders(_headers, _headersOnly, tunnel: false);
        if (!_headersOnly)
            SendWaiting(stream);
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        if (_isOver)
            return;
        EndpointReports.Failed(_endpoint, reason);
        Fail(503);
    }

    HeaderMap IUpstreamHandler.OnResponseBegin()
    {
        _response.Clear();
        return _response;
    }

    void IUpstreamHandler.OnInformational(HeaderMap headers)
    {
    }

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        EndpointReports.Answered(_endpoint!, _headers, headers);
        _isAnswered = true;
        var status = headers.Status;
        (status >= 500 ? _endpoint!.Stats.RqError : _endpoint!.Stats.RqSuccess).Inc();
        Stats.ChargeResponse(status, (_worker.Loop.NowUs - _startUs) / 1000, IsInternal, isCanary: false);
        if (endStream)
            End();
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream)
            End();
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers) => End();

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error)
    {
        EndpointReports.Failed(_endpoint, reason);
        Fail(UpstreamFailure.StatusOf(reason));
    }

    void IUpstreamHandler.OnRequestBackedUp() => _isBackedUp = true;

    void IUpstreamHandler.OnRequestDrained()
    {
        _isBackedUp = false;
        if (_stream is { } stream && !_headersOnly)
            SendWaiting(stream);
    }

    /// <summary>Sends what waits; while it does, back-pressure may set in again.</summary>
    private void SendWaiting(UpstreamStream stream)
    {
        while (!_waiting.IsEmpty && !_isBackedUp)
        {
            var piece = _waiting.First;
            _isEndSent = _isComplete && _trailers is null && piece.Length == _waiting.Length;
            stream.EncodeData(piece, _isEndSent);
            if (_isOver)
                return;
            _waiting.Drain(piece.Length);
        }

        if (!_waiting.IsEmpty || !_isComplete || _isEndSent)
            return;
        _isEndSent = true;
        if (_trailers is { } trailers)
            stream.EncodeTrailers(trailers);
        else
            stream.EncodeData([], endStream: true);
    }

    private void Complete()
    {
        _isComplete = true;
        if (_timeoutMs > 0)
            _timeout.Arm(_timeoutMs);
    }

    private void OnTimeout()
    {
        Stats.UpstreamRqTimeout.Inc();
        if (!_isAnswered)
            EndpointReports.TimedOut(_endpoint, 504);
        _endpoint?.Stats.RqTimeout.Inc();
        Cancel();
        Fail(504);
    }

    private void Fail(int status)
    {
        if (_isAnswered)
        {
            End();
            return;
        }

        _endpoint?.Stats.RqError.Inc();
        Stats.ChargeResponse(status, (_worker.Loop.NowUs - _startUs) / 1000, IsInternal, isCanary: false);
        End();
    }

    private void End()
    {
        _isOver = true;
        _stream = null;
        _timeout.Cancel();
        _waiting.Clear();
    }
}
