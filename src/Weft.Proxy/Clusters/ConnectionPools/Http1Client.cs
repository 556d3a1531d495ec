using Weft.Http;
using Weft.Http.Http1;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>One HTTP/1.1 connection to an endpoint and the request that is on it, if any. Worker thread.</summary>
internal sealed partial class Http1Client : UpstreamStream, IConnectionHandler, IMessageHandler
{
    private static long _lastId;

    private readonly Http1Pool _pool;
    private readonly Connection _socket;
    private readonly Http1Decoder _decoder;
    private readonly long _startUs;
    private LoopTimer? _idleTimer;
    private LoopTimer? _durationTimer;
    private IUpstreamHandler? _handler;
    private Http1Framing _framing;
    private long _requests;
    private long _sentBefore;
    private long _countedTxBytes;
    private long _idleSinceMs;
    private int _pauses;
    private bool _connected;
    private bool _requestComplete;
    private bool _tunnel;
    private bool _closeAfterRequest;
    private bool _responseEnded;
    private bool _gone;

    // Neighbours in the pool's list of idle connections.
    internal Http1Client? PreviousIdle;
    internal Http1Client? FollowingIdle;
    internal bool IsIdle;

    public Http1Client(Http1Pool pool)
    {
        _pool = pool;
        var loop = pool.Worker.Loop;
        _startUs = loop.NowUs;
        ConnectionId = Interlocked.Increment(ref _lastId);
        _decoder = new Http1Decoder(isResponse: true, pool.Cluster.Http1, this);
        _socket = Connection.Connect(loop, pool.Endpoint.Address, pool.Cluster.ConnectTimeoutMs, this, pool.Cluster.ConnectOptions);
        if (pool.Cluster.PerConnectionBufferLimitBytes is > 0 and var limit)
            _socket.HighWatermarkBytes = _socket.MaxReadBytes = limit;
        else
            _socket.HighWatermarkBytes = 0;
    }

    public override HttpProtocol Protocol => HttpProtocol.Http11;

    public override NetAddress LocalAddress => _socket.LocalAddress;

    public override long ConnectionId { get; }

    public override bool IsReused => _requests > 1;

    public override bool NothingSent => _socket.BytesSent == _sentBefore;

    /// <summary>Puts a request on the connection.</summary>
    internal void Begin(IUpstreamHandler handler)
    {
        _handler = handler;
        _requests++;
        _sentBefore = _socket.BytesSent;
        _requestComplete = _tunnel = _responseEnded = false;
        _decoder.Resume();
        handler.OnPoolReady(this);
    }

    /// <summary>The pool keeps it for later: the idle timer watches it.</summary>
    internal void OnIdle()
    {
        var timeoutMs = _pool.Cluster.IdleTimeoutMs;
        if (timeoutMs == 0)
            return;
        _idleSinceMs = _pool.Worker.Loop.NowMs;
        _idleTimer ??= new LoopTimer(_pool.Worker.Loop, OnIdleTimer);
        if (!_idleTimer.IsArmed)
            _idleTimer.Arm(timeoutMs);
    }

    internal void CloseIdle() => Close(local: true);

    public override void EncodeHeaders(HeaderMap headers, bool endStream, bool tunnel)
    {
        _tunnel = tunnel;
        _requestComplete = endStream;
        _framing = endStream || tunnel || headers.Has(KnownHeader.ContentLength) ? Http1Framing.AsHeaders : Http1Framing.Chunked;
        _decoder.ExpectResponseTo(headers.Get(KnownHeader.Method), upgrade: tunnel);
        Http1Encoder.WriteRequestHead(headers, _framing, _socket.Output);
        _socket.ScheduleFlush();
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        Http1Body.Write(_socket, _framing, data, endStream);
        if (endStream)
            OnRequestEnd();
    }

    public override void EncodeTrailers(HeaderMap trailers)
    {
        if (_framing == Http1Framing.Chunked)
            Http1Encoder.WriteLastChunk(_pool.Cluster.Http1.EnableTrailers ? trailers : null, _socket.Output);
        OnRequestEnd();
    }

    public override void Cancel()
    {
        _handler = null;
        _pool.Cluster.Stats.UpstreamRqTxReset.Inc();
        _pool.Cluster.Stats.UpstreamCxDestroyLocalWithActiveRq.Inc();
        _pool.OnStreamEnded();
        Close(local: true);
    }

    public override void PauseResponse()
    {
        if (_pauses++ > 0)
            return;
        _pool.Cluster.Stats.UpstreamFlowControlPausedReadingTotal.Inc();
        _socket.PauseReading();
    }

    public override void ResumeResponse()
    {
        if (_pauses == 0 || --_pauses > 0)
            return;
        _pool.Cluster.Stats.UpstreamFlowControlResumedReadingTotal.Inc();
        if (!_gone)
            _socket.ResumeReading();
    }

    void IConnectionHandler.OnConnected()
    {
        _connected = true;
        _pool.Cluster.Stats.UpstreamCxConnectMs.Record((_pool.Worker.Loop.NowUs - _startUs) / 1000);
        if (_pool.Cluster.MaxConnectionDurationMs > 0)
        {
            _durationTimer = new LoopTimer(_pool.Worker.Loop, OnDurationTimer);
            _durationTimer.Arm(_pool.Cluster.MaxConnectionDurationMs);
        }

        _pool.OnConnected();
        _pool.OnClientReady(this);
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        _pool.Cluster.Stats.UpstreamCxRxBytesTotal.Add(data.Length);
        if (_handler is null)
        {
            CloseOnExtraBytes();
            return;
        }

        var taken = _decoder.Decode(data);
        if (_gone)
            return;
        if (taken < data.Length)
            CloseOnExtraBytes();
        else if (_responseEnded)
            BecomeReady();
    }

    void IConnectionHandler.OnReadEnd()
    {
        if (_handler is not null)
            _decoder.DecodeEnd();
        if (_gone)
            return;
        if (_handler is { } handler)
            EndWithReset(handler, ResetReason.ConnectionTermination, null);
        Close(local: false);
    }

    void IConnectionHandler.OnClosed(CloseReason reason)
    {
        if (!_connected)
        {
            OnConnectFailed(reason);
            return;
        }

        if (_handler is { } handler)
            EndWithReset(handler, ResetReason.ConnectionTermination, null);
        Gone(local: false);
    }

    void IConnectionHandler.OnAboveHighWatermark()
    {
        _pool.Cluster.Stats.UpstreamFlowControlBackedUpTotal.Inc();
        _handler?.OnRequestBackedUp();
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
        _pool.Cluster.Stats.UpstreamFlowControlDrainedTotal.Inc();
        _handler?.OnRequestDrained();
    }

    HeaderMap IMessageHandler.OnMessageBegin() => _handler!.OnResponseBegin();

    void IMessageHandler.OnInformational(HeaderMap headers) => _handler!.OnInformational(headers);

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        if (_tunnel && headers.Status == 101)
        {
            _decoder.SwitchToTunnel();
            endStream = false;
        }
        else if (_tunnel)
        {
            _closeAfterRequest = true;
        }

        var handler = endStream ? EndResponse() : _handler;
        handler?.OnResponseHeaders(headers, endStream);
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        var handler = endStream ? EndResponse() : _handler;
        handler?.OnResponseData(data, endStream);
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers) => EndResponse()?.OnResponseTrailers(trailers);

    void IMessageHandler.OnProtocolError(CodecError error)
    {
        _pool.Cluster.Stats.UpstreamCxProtocolError.Inc();
        if (_handler is { } handler)
            EndWithReset(handler, _socket.ReadEnded ? ResetReason.ConnectionTermination : ResetReason.ProtocolError, error);
        Close(local: true);
    }

    /// <summary>The response is complete: its handler is let go before it hears so, and nothing behind the response is decoded.</summary>
    private IUpstreamHandler? EndResponse()
    {
        var handler = _handler;
        _handler = null;
        _responseEnded = true;
        _decoder.Pause();
        _pool.OnStreamEnded();
        return handler;
    }

    private void EndWithReset(IUpstreamHandler handler, ResetReason reason, CodecError? error)
    {
        _handler = null;
        var stats = _pool.Cluster.Stats;
        stats.UpstreamCxDestroyWithActiveRq.Inc();
        if (reason == ResetReason.ConnectionTermination)
            stats.UpstreamCxDestroyRemoteWithActiveRq.Inc();
        else
            stats.UpstreamCxDestroyLocalWithActiveRq.Inc();
        _pool.OnStreamEnded();
        handler.OnReset(reason, error);
    }

    /// <summary>After a complete response: serves the next request, or closes when either side, or a limit, says so.</summary>
    private void BecomeReady()
    {
        _responseEnded = false;
        CountSentBytes();
        var limit = _pool.Cluster.MaxRequestsPerConnection;
        var exhausted = limit > 0 && _requests >= limit;
        if (exhausted)
            _pool.Cluster.Stats.UpstreamCxMaxRequests.Inc();
        if (exhausted || _closeAfterRequest || !_requestComplete || !_decoder.KeepAlive || _socket.ReadEnded)
            Close(local: true);
        else
            _pool.OnClientReady(this);
    }

    private void OnRequestEnd()
    {
        _requestComplete = true;
        if (_tunnel)
            _socket.ShutdownWrite();
        else
            _socket.ScheduleFlush();
    }

    /// <summary>Bytes behind a response, or before a request, must never become the next client's answer.</summary>
    private void CloseOnExtraBytes()
    {
        _pool.Cluster.Stats.UpstreamCxProtocolError.Inc();
        Close(local: true);
    }
}
