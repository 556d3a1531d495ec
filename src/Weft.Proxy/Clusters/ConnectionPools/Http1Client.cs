using Weft.Http;
using Weft.Http.Http1;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>HTTP/1.1 on an upstream connection, and the one request that is on it, if any. Worker thread.</summary>
internal sealed class Http1Client : UpstreamStream, IUpstreamCodec, IMessageHandler
{
    private readonly UpstreamConnection _connection;
    private readonly Http1Decoder _decoder;
    private IUpstreamHandler? _handler;
    private Http1Framing _framing;
    private long _sentBefore;
    private int _pauses;

    /// <summary>From a request's begin until its response is read to the end and the connection can serve another.</summary>
    private bool _busy;
    private bool _requestComplete;
    private bool _tunnel;
    private bool _isConnect;
    private bool _closeAfterRequest;
    private bool _responseEnded;

    public Http1Client(UpstreamConnection connection)
    {
        _connection = connection;
        _decoder = new Http1Decoder(isResponse: true, connection.Cluster.Http1, this);
    }

    public override HttpProtocol? Protocol => HttpProtocol.Http11;

    public override NetAddress LocalAddress => _connection.Socket.LocalAddress;

    public override NetAddress RemoteAddress => _connection.Socket.RemoteAddress;

    public override TlsFacts? Tls => _connection.Tls;

    public override (long BegunUs, long ConnectedUs, long SecuredUs) Moments => _connection.Moments;

    public override long ConnectionId => _connection.Id;

    public override bool IsReused => _connection.Requests > 1;

    public override bool NothingSent => _connection.Socket.BytesSent == _sentBefore;

    HttpProtocol IUpstreamCodec.Protocol => HttpProtocol.Http11;

    int IUpstreamCodec.ActiveStreams => _handler is null ? 0 : 1;

    int IUpstreamCodec.FreeStreams => _busy ? 0 : 1;

    private ClusterStats Stats => _connection.Cluster.Stats;

    void IUpstreamCodec.Begin(IUpstreamHandler handler)
    {
        _handler = handler;
        _busy = true;
        _sentBefore = _connection.Socket.BytesSent;
        _requestComplete = _tunnel = _responseEnded = false;
        _decoder.Resume();
        handler.OnPoolReady(this);
    }

    public override void EncodeHeaders(HeaderMap headers, bool endStream, bool tunnel)
    {
        _tunnel = tunnel;
        _requestComplete = endStream;
        _framing = endStream || tunnel || headers.Has(KnownHeader.ContentLength) ? Http1Framing.AsHeaders : Http1Framing.Chunked;
        _isConnect = TunnelAnswer.IsConnect(headers);
        _decoder.ExpectResponseTo(headers.Get(KnownHeader.Method), upgrade: tunnel && !_isConnect);
        Http1Encoder.WriteRequestHead(headers, _framing, _connection.Socket.Output, _connection.Cluster.Http1Write);
        _connection.Socket.ScheduleFlush();
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        Http1Body.Write(_connection.Socket, _framing, data, endStream);
        if (endStream)
            OnRequestEnd();
    }

    public override void EncodeTrailers(HeaderMap trailers)
    {
        if (_framing == Http1Framing.Chunked)
            Http1Encoder.WriteLastChunk(_connection.Cluster.Http1.EnableTrailers ? trailers : null, _connection.Socket.Output, _connection.Cluster.Http1Write);
        OnRequestEnd();
    }

    public override void EncodeMetadata(ReadOnlySpan<byte> block) => Stats.Http1MetadataNotSupportedError.Inc();

    public override void Cancel()
    {
        _handler = null;
        _busy = false;
        Stats.UpstreamRqTxReset.Inc();
        Stats.UpstreamCxDestroyLocalWithActiveRq.Inc();
        _connection.Pool.OnStreamEnded();
        _connection.Close();
    }

    public override void PauseResponse()
    {
        if (_pauses++ > 0)
            return;
        Stats.UpstreamFlowControlPausedReadingTotal.Inc();
        _connection.Socket.PauseReading();
    }

    public override void ResumeResponse()
    {
        if (_pauses == 0 || --_pauses > 0)
            return;
        Stats.UpstreamFlowControlResumedReadingTotal.Inc();
        if (!_connection.IsGone)
            _connection.Socket.ResumeReading();
    }

    void IUpstreamCodec.OnConnected()
    {
    }

    void IUpstreamCodec.OnData(ReadOnlySpan<byte> data)
    {
        if (_handler is null)
        {
            CloseOnExtraBytes();
            return;
        }

        var taken = _decoder.Decode(data);
        if (_connection.IsGone)
            return;
        if (taken < data.Length)
            CloseOnExtraBytes();
        else if (_responseEnded)
            BecomeReady();
    }

    void IUpstreamCodec.OnReadEnd()
    {
        if (_handler is not null)
            _decoder.DecodeEnd();
        _connection.CloseAfterPeer();
    }

    void IUpstreamCodec.OnGone(ResetReason reason)
    {
        _decoder.Pause();
        _busy = false;
        if (_handler is { } handler)
            EndWithReset(handler, reason, null);
    }

    void IUpstreamCodec.OnDrain() => _closeAfterRequest = true;

    void IUpstreamCodec.OnAboveHighWatermark() => _handler?.OnRequestBackedUp();

    void IUpstreamCodec.OnBelowLowWatermark() => _handler?.OnRequestDrained();

    HeaderMap IMessageHandler.OnMessageBegin() => _handler!.OnResponseBegin();

    void IMessageHandler.OnInformational(HeaderMap headers) => _handler!.OnInformational(headers);

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        if (headers.Status == 101)
        {
            _decoder.SwitchToTunnel();
            endStream = false;
        }
        else if (_tunnel && !(_isConnect && headers.Status < 300))
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
        Stats.UpstreamCxProtocolError.Inc();
        var reason = _connection.Socket.ReadEnded ? ResetReason.ConnectionTermination : ResetReason.ProtocolError;
        if (_handler is { } handler)
        {
            _connection.CountWithActiveRequest(reason);
            EndWithReset(handler, reason, error);
        }

        _busy = false;
        _connection.Close(reason);
    }

    /// <summary>The response is complete: its handler is let go before it hears so, and nothing behind the response is decoded.</summary>
    private IUpstreamHandler? EndResponse()
    {
        var handler = _handler;
        _handler = null;
        _responseEnded = true;
        _decoder.Pause();
        _connection.Pool.OnStreamEnded();
        return handler;
    }

    private void EndWithReset(IUpstreamHandler handler, ResetReason reason, CodecError? error)
    {
        _handler = null;
        _connection.Pool.OnStreamEnded();
        handler.OnReset(reason, error);
    }

    /// <summary>After a complete response: serves the next request, or closes when either side, or a limit, says so.</summary>
    private void BecomeReady()
    {
        _responseEnded = false;
        _busy = false;
        ForgetPauses();
        if (_closeAfterRequest || !_requestComplete || !_decoder.KeepAlive || _connection.Socket.ReadEnded)
            _connection.Close();
        else
            _connection.OnCapacity();
    }

    /// <summary>A filter may have paused a response whose end had been received already: nobody resumes it.</summary>
    private void ForgetPauses()
    {
        if (_pauses == 0)
            return;
        _pauses = 0;
        _connection.Socket.ResumeReading();
    }

    private void OnRequestEnd()
    {
        _requestComplete = true;
        if (_tunnel)
            _connection.Socket.ShutdownWrite();
        else
            _connection.Socket.ScheduleFlush();
    }

    /// <summary>Bytes behind a response, or before a request, must never become the next client's answer.</summary>
    private void CloseOnExtraBytes()
    {
        Stats.UpstreamCxProtocolError.Inc();
        _busy = false;
        _connection.Close();
    }
}
