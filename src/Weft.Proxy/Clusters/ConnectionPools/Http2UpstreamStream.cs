using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>One request on an HTTP/2 upstream connection: between its <see cref="Http2Stream"/>, with which it is pooled, and who asked the pool for it. Worker thread.</summary>
internal sealed class Http2UpstreamStream(Http2Stream stream) : UpstreamStream, IHttp2StreamHandler
{
    private HeaderMap? _rewritten;
    private Http2Client _client = null!;
    private IUpstreamHandler? _handler;
    private byte[] _upgrade = [];
    private long _sentBefore;
    private bool _isReused;
    private bool _isOpen;
    private bool _isBackedUp;
    private bool _tunnel;

    public override HttpProtocol? Protocol => HttpProtocol.Http2;

    public override NetAddress LocalAddress => _client.Connection.Socket.LocalAddress;

    public override NetAddress RemoteAddress => _client.Connection.Socket.RemoteAddress;

    public override TlsFacts? Tls => _client.Connection.Tls;

    public override (long BegunUs, long ConnectedUs, long SecuredUs) Moments => _client.Connection.Moments;

    public override long ConnectionId => _client.Connection.Id;

    public override bool IsReused => _isReused;

    public override bool NothingSent => _client.Connection.Socket.BytesSent == _sentBefore;

    private ClusterStats Stats => _client.Connection.Cluster.Stats;

    /// <summary>The stream is open (again): the request may be written.</summary>
    public void Begin(Http2Client client, IUpstreamHandler handler)
    {
        _client = client;
        _handler = handler;
        _isReused = client.Connection.Requests > 1;
        _sentBefore = client.Connection.Socket.BytesSent;
        _isOpen = true;
        _isBackedUp = _tunnel = false;
        handler.OnPoolReady(this);
        if (client.IsSocketBackedUp)
            OnBackedUpChanged();
    }

    public override void EncodeHeaders(HeaderMap headers, bool endStream, bool tunnel)
    {
        if (!_isOpen)
            return;
        stream.ExpectsNoBody = headers.Get(KnownHeader.Method).SequenceEqual("HEAD"u8);
        stream.WriteHeaders(tunnel || !headers.Has(KnownHeader.Scheme) ? Rewrite(headers, tunnel) : headers, endStream);
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isOpen)
            stream.WriteData(data, endStream);
    }

    public override void EncodeTrailers(HeaderMap trailers)
    {
        if (_isOpen)
            stream.WriteTrailers(trailers);
    }

    public override void EncodeMetadata(ReadOnlySpan<byte> block)
    {
        if (_isOpen)
            stream.WriteMetadata(block);
    }

    public override void Cancel()
    {
        if (_handler is null)
            return;
        _handler = null;
        Stats.UpstreamRqTxReset.Inc();
        _client.Connection.Pool.OnStreamEnded();
        if (_isOpen)
            stream.Reset(Http2ErrorCode.Cancel);
    }

    public override void PauseResponse()
    {
        if (!_isOpen)
            return;
        Stats.UpstreamFlowControlPausedReadingTotal.Inc();
        stream.Pause();
    }

    public override void ResumeResponse()
    {
        if (!_isOpen)
            return;
        Stats.UpstreamFlowControlResumedReadingTotal.Inc();
        stream.Resume();
    }

    public HeaderMap OnMessageBegin() => _handler!.OnResponseBegin();

    public void OnInformational(HeaderMap headers) => _handler?.OnInformational(headers);

    public void OnHeaders(HeaderMap headers, bool endStream)
    {
        if (_tunnel)
            Http2Upgrade.ResponseToHttp1(headers, _upgrade);
        var handler = endStream ? EndResponse() : _handler;
        handler?.OnResponseHeaders(headers, endStream);
        FinishResponse(endStream);
    }

    public void OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        var handler = endStream ? EndResponse() : _handler;
        handler?.OnResponseData(data, endStream);
        FinishResponse(endStream);
    }

    public void OnTrailers(HeaderMap trailers)
    {
        EndResponse()?.OnResponseTrailers(trailers);
        FinishResponse(endStream: true);
    }

    public void OnMetadata(ReadOnlySpan<byte> block) => _handler?.OnResponseMetadata(block);

    public void OnProtocolError(CodecError error) => EndWithReset(ResetReason.ProtocolError, error);

    public void OnReset(Http2ErrorCode code) => EndWithReset(
        _client.GoneReason ?? (code == Http2ErrorCode.RefusedStream ? ResetReason.RemoteRefusedStream : ResetReason.RemoteReset),
        _client.Error);

    public void OnBackedUp()
    {
        Stats.UpstreamFlowControlBackedUpTotal.Inc();
        OnBackedUpChanged();
    }

    public void OnDrained()
    {
        Stats.UpstreamFlowControlDrainedTotal.Inc();
        OnBackedUpChanged();
    }

    /// <summary>What holds the request up has changed: the stream's window, or the socket.</summary>
    public void OnBackedUpChanged()
    {
        var isBackedUp = _isOpen && (stream.IsBackedUp || _client.IsSocketBackedUp);
        if (isBackedUp == _isBackedUp)
            return;
        _isBackedUp = isBackedUp;
        if (isBackedUp)
            _handler?.OnRequestBackedUp();
        else
            _handler?.OnRequestDrained();
    }

    public void OnClosed()
    {
        _isOpen = false;
        _client.OnStreamClosed();
    }

    /// <summary>
    /// A head as HTTP/2 wants it: with a scheme, an upgrade as an extended CONNECT, a CONNECT with neither scheme nor path (RFC 9113 section 8.5). The
    /// original stays as it is, for another attempt.
    /// </summary>
    private HeaderMap Rewrite(HeaderMap headers, bool tunnel)
    {
        _rewritten ??= new HeaderMap();
        _rewritten.CopyFrom(headers);
        if (TunnelAnswer.IsConnect(headers))
        {
            _rewritten.Remove(KnownHeader.Scheme);
            _rewritten.Remove(KnownHeader.Path);
            return _rewritten;
        }

        if (!_rewritten.Has(KnownHeader.Scheme))
            _rewritten.Set(KnownHeader.Scheme, Tls is null ? "http"u8 : "https"u8);
        if (tunnel && headers.Has(KnownHeader.Upgrade))
        {
            _tunnel = true;
            _upgrade = headers.Get(KnownHeader.Upgrade).ToArray();
            Http2Upgrade.RequestToHttp2(_rewritten);
        }

        return _rewritten;
    }

    /// <summary>The response is complete: its handler is let go before it hears so.</summary>
    private IUpstreamHandler? EndResponse()
    {
        var handler = _handler;
        if (handler is null)
            return null;
        _handler = null;
        _client.Connection.Pool.OnStreamEnded();
        return handler;
    }

    /// <summary>What is left of the request is not wanted when its response is complete.</summary>
    private void FinishResponse(bool endStream)
    {
        if (endStream && _isOpen && !stream.IsLocalEnded)
            stream.Reset(Http2ErrorCode.NoError);
    }

    private void EndWithReset(ResetReason reason, CodecError? error)
    {
        _isOpen = false;
        if (EndResponse() is not { } handler)
            return;
        if (reason == ResetReason.RemoteReset)
            Stats.UpstreamRqRxReset.Inc();
        else if (reason == ResetReason.ProtocolError)
            Stats.UpstreamRqTxReset.Inc();
        handler.OnReset(reason, error);
    }
}
