using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>
/// One attempt at one endpoint: waits for a connection, sends the request (keeping body that arrives before the
/// connection does), hands the response to its router. Pooled with the router; worker thread.
/// </summary>
internal sealed class UpstreamRequest : IUpstreamHandler
{
    private readonly RouterFilter _router;
    private readonly Worker _worker;
    private readonly PendingRequest _pending;
    private readonly HeaderMap _responseHeaders = new();
    private readonly ByteQueue _waitingBody;
    private UpstreamStream? _stream;
    private HeaderMap? _requestHeaders;
    private HeaderMap? _waitingTrailers;
    private bool _headersOnly;
    private bool _bodyComplete;
    private bool _tunnel;
    private bool _requestPaused;
    private bool _anyResponseByte;

    public UpstreamRequest(RouterFilter router, Worker worker)
    {
        _router = router;
        _worker = worker;
        _pending = new PendingRequest(this);
        _waitingBody = new ByteQueue(worker.Loop.Buffers);
    }

    /// <summary>The endpoint that was picked; null before <see cref="Start"/>.</summary>
    public Endpoint? Endpoint { get; private set; }

    /// <summary>The response is complete, or the attempt has failed.</summary>
    public bool IsComplete { get; private set; }

    private IHttpStream Downstream => _router.Stream;

    public void Start(WorkerCluster cluster, Endpoint endpoint, int priority, HeaderMap headers, bool endStream, bool tunnel)
    {
        Endpoint = endpoint;
        _requestHeaders = headers;
        _headersOnly = _bodyComplete = endStream;
        _tunnel = tunnel;
        Downstream.Info.UpstreamEndpoint = endpoint;
        cluster.PoolFor(endpoint, priority).NewStream(_pending);
    }

    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (IsComplete)
            return;
        if (_stream is { } stream)
        {
            stream.EncodeData(data, endStream);
            NoteSent(endStream);
            return;
        }

        _waitingBody.Append(data);
        _bodyComplete = endStream;
        if (_waitingBody.Length > Downstream.BufferLimitBytes)
            PauseRequest();
    }

    public void SendTrailers(HeaderMap trailers)
    {
        if (IsComplete)
            return;
        _bodyComplete = true;
        if (_stream is { } stream)
        {
            stream.EncodeTrailers(trailers);
            NoteSent(endStream: true);
            return;
        }

        _waitingTrailers = new HeaderMap();
        _waitingTrailers.CopyFrom(trailers);
    }

    public void PauseResponse() => _stream?.PauseResponse();

    public void ResumeResponse() => _stream?.ResumeResponse();

    /// <summary>Gives the attempt up, whatever state it is in.</summary>
    public void Cancel()
    {
        IsComplete = true;
        if (_pending.IsWaiting)
            _pending.Cancel();
        var stream = _stream;
        _stream = null;
        stream?.Cancel();
    }

    /// <summary>Ready for another attempt.</summary>
    public void Reset()
    {
        _stream = null;
        _requestHeaders = null;
        _waitingBody.Clear();
        _waitingTrailers = null;
        _responseHeaders.Clear();
        _headersOnly = _bodyComplete = _tunnel = _requestPaused = _anyResponseByte = false;
        IsComplete = false;
    }

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        Endpoint!.OutlierMonitor?.PutConnected(isFinal: false);
        var info = Downstream.Info;
        info.UpstreamLocalAddress = stream.LocalAddress;
        info.UpstreamConnectionId = stream.ConnectionId;
        info.UpstreamProtocol = stream.Protocol;
        info.FirstUpstreamTxByteUs = _worker.Loop.NowUs;
        stream.EncodeHeaders(_requestHeaders!, _headersOnly, _tunnel);
        if (_headersOnly)
            info.LastUpstreamTxByteUs = info.FirstUpstreamTxByteUs;
        else
            SendWaiting(stream);
        if (Downstream.IsResponseBackedUp)
            stream.PauseResponse();
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        IsComplete = true;
        ResumeRequest();
        _router.OnUpstreamReset(reason, transportFailure, sameEndpointMayWork: false);
    }

    HeaderMap IUpstreamHandler.OnResponseBegin()
    {
        _anyResponseByte = true;
        Downstream.Info.FirstUpstreamRxByteUs = _worker.Loop.NowUs;
        _responseHeaders.Clear();
        return _responseHeaders;
    }

    void IUpstreamHandler.OnInformational(HeaderMap headers) => Downstream.EncodeInformational(headers);

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream)
            End();
        _router.OnUpstreamHeaders(headers, endStream);
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (endStream)
            End();
        _router.OnUpstreamData(data, endStream);
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers)
    {
        End();
        _router.OnUpstreamTrailers(trailers);
    }

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error)
    {
        var mayRepeat = reason == ResetReason.ConnectionTermination && !_anyResponseByte && _stream!.IsReused
            && (_stream.NothingSent || Http.RequestMethods.IsIdempotent(_requestHeaders!.Get(KnownHeader.Method)));
        End();
        ResumeRequest();
        _router.OnUpstreamReset(reason, error?.Details, mayRepeat);
    }

    void IUpstreamHandler.OnRequestBackedUp() => PauseRequest();

    void IUpstreamHandler.OnRequestDrained() => ResumeRequest();

    private void SendWaiting(UpstreamStream stream)
    {
        while (!_waitingBody.IsEmpty)
        {
            var piece = _waitingBody.First;
            var last = piece.Length == _waitingBody.Length && _bodyComplete && _waitingTrailers is null;
            stream.EncodeData(piece, last);
            _waitingBody.Drain(piece.Length);
            NoteSent(last);
        }

        if (_waitingTrailers is { } trailers)
            stream.EncodeTrailers(trailers);
        else if (_bodyComplete && Downstream.Info.LastUpstreamTxByteUs == 0)
            stream.EncodeData([], endStream: true);
        ResumeRequest();
    }

    private void NoteSent(bool endStream)
    {
        if (endStream)
            Downstream.Info.LastUpstreamTxByteUs = _worker.Loop.NowUs;
    }

    private void End()
    {
        _stream = null;
        IsComplete = true;
    }

    private void PauseRequest()
    {
        if (_requestPaused)
            return;
        _requestPaused = true;
        Downstream.PauseRequest();
    }

    private void ResumeRequest()
    {
        if (!_requestPaused)
            return;
        _requestPaused = false;
        Downstream.ResumeRequest();
    }
}
