using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Http1;
using Weft.Http.Http2;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>
/// HTTP/1 on a downstream connection: feeds the decoder, holds back pipelined requests until their turn, writes
/// responses. One stream at a time. Worker thread.
/// </summary>
internal sealed class Http1ServerConnection : ResponseEncoder, IServerCodec, IMessageHandler, ITurnEndWork
{
    private readonly HttpConnectionManager _manager;
    private readonly Connection _socket;
    private readonly Http1Decoder _decoder;

    // Bytes that the decoder did not take yet: pipelined requests, or body that arrived while paused.
    private readonly ByteQueue _held;
    private HttpStream? _stream;
    private Http1Framing _framing;
    private bool _decoding;
    private bool _resumeScheduled;
    private bool _holdingBack;
    private int _pauses;
    private int _countedDrops;

    public Http1ServerConnection(HttpConnectionManager manager, Connection socket, Http1DecoderOptions options)
    {
        _manager = manager;
        _socket = socket;
        _decoder = new Http1Decoder(isResponse: false, options, this);
        _held = new ByteQueue(socket.Loop.Buffers);
    }

    public override HttpProtocol Protocol => _decoder.Protocol;

    /// <summary>The current request is the connection's last one: its response says <c>connection: close</c>.</summary>
    private bool IsLastRequest => _manager.IsDraining || !_decoder.KeepAlive;

    // A refused HTTP/1.0 client is told so in HTTP/1.1, as by Envoy.
    private HttpProtocol ResponseProtocol => _manager.Config.Http1.AcceptHttp10 ? Protocol : HttpProtocol.Http11;

    public override bool IsMultiplexed => false;

    public bool IsServing => _stream is not null;

    public bool IsIdle => _stream is null && _held.IsEmpty && _decoder.IsIdle;

    public void OnData(ReadOnlySpan<byte> data)
    {
        if (_held.IsEmpty && !_decoding)
        {
            var taken = Decode(data);
            if (taken == data.Length || !_manager.IsOpen)
                return;
            data = data[taken..];
        }

        _held.Append(data);
        HoldBack();
    }

    public void OnReadEnd()
    {
        // An opaque stream keeps its other half; HTTP does not go on after the client's FIN.
        if (_stream is { IsTunnel: true } tunnel)
            tunnel.OnRequestData([], endStream: true);
        else
            _manager.CloseConnection(CloseMode.Now, remote: true);
    }

    public void OnAboveHighWatermark() => _stream?.OnResponseBackedUp();

    public void OnBelowLowWatermark() => _stream?.OnResponseDrained();

    // A response under way says that it was the last.
    public void Drain()
    {
        if (_stream is null)
            _manager.CloseWhenQuiet();
    }

    public void OnIdleTimeout() => _manager.CloseConnection(CloseMode.Flush);

    public void OnClosed(bool remote)
    {
        _stream?.OnDownstreamGone(remote);
        _held.Clear();
    }

    /// <summary>The stream is over in both directions; the next request may be decoded.</summary>
    public override void OnStreamDone(HttpStream stream)
    {
        if (_manager.IsOpen && (IsLastRequest || stream.MustClose))
            _manager.CloseConnection(CloseMode.Flush);
        _stream = null;
        if (!_manager.IsOpen)
            return;
        _decoder.Resume();
        ScheduleResume();
    }

    void ITurnEndWork.OnTurnEnd()
    {
        _resumeScheduled = false;
        DecodeHeld();
    }

    HeaderMap IMessageHandler.OnMessageBegin()
    {
        _stream = _manager.BeginStream(this);
        return _stream.RequestHeaders;
    }

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        _countedDrops = 0;
        CountDrops();
        _stream!.OnRequestHeaders(endStream);
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream) => _stream?.OnRequestData(data, endStream);

    void IMessageHandler.OnTrailers(HeaderMap trailers)
    {
        CountDrops();
        _stream?.OnRequestTrailers(trailers);
    }

    void IMessageHandler.OnProtocolError(CodecError error)
    {
        _manager.OnProtocolError();
        if (error == CodecErrors.UnexpectedUnderscore)
            _manager.Config.Http1Stats.RequestsRejectedWithUnderscoresInHeaders.Inc();
        _stream ??= _manager.BeginStream(this);
        _stream.OnProtocolError(error);
    }

    public override void EncodeInformational(HeaderMap headers)
    {
        Http1Encoder.WriteResponseHead(headers, Http1Framing.AsHeaders, ResponseProtocol, close: false, _socket.Output, _manager.Config.Http1Write);
        _socket.ScheduleFlush();
    }

    public override void EncodeHeaders(HeaderMap headers, bool endStream)
    {
        _framing = FramingOf(headers, endStream);
        Http1Encoder.WriteResponseHead(headers, _framing, ResponseProtocol, IsLastRequest && !_stream!.IsTunnel, _socket.Output, _manager.Config.Http1Write);
        _socket.ScheduleFlush();
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream) =>
        Http1Body.Write(_socket, _framing, _stream!.IsHeadRequest ? default : data, endStream);

    public override void EncodeTrailers(HeaderMap trailers)
    {
        if (_framing == Http1Framing.Chunked)
            Http1Encoder.WriteLastChunk(_manager.Config.Http1.EnableTrailers ? trailers : null, _socket.Output, _manager.Config.Http1Write);
        _socket.ScheduleFlush();
    }

    public override void EncodeMetadata(ReadOnlySpan<byte> block) => _manager.Config.Http1Stats.MetadataNotSupportedError.Inc();

    // What was written so far goes out first: the client sees how far the response came, and that it was cut.
    public override void Reset(Http2ErrorCode code) => _manager.CloseConnection(CloseMode.Flush);

    public override void PauseRequest()
    {
        if (_pauses++ == 0)
        {
            _decoder.Pause();
            _socket.PauseReading();
        }
    }

    public override void ResumeRequest()
    {
        if (_pauses == 0 || --_pauses > 0)
            return;
        _socket.ResumeReading();
        // A request that has come whole waits for its response: the next one is not read before.
        if (_stream is not null && _decoder.IsIdle)
            return;
        _decoder.Resume();
        ScheduleResume();
    }

    public override void SwitchToTunnel() => _decoder.SwitchToTunnel();

    private Http1Framing FramingOf(HeaderMap headers, bool endStream)
    {
        var status = headers.Status;
        if (headers.Has(KnownHeader.ContentLength) || _stream!.IsTunnel || _stream.IsHeadRequest || status is 204 or 304)
            return Http1Framing.AsHeaders;
        if (!endStream)
            return ResponseProtocol == HttpProtocol.Http11 ? Http1Framing.Chunked : Http1Framing.UntilClose;
        headers.Set(KnownHeader.ContentLength, 0);
        return Http1Framing.AsHeaders;
    }

    private void CountDrops()
    {
        if (_decoder.DroppedHeaders == _countedDrops)
            return;
        _manager.Config.Http1Stats.DroppedHeadersWithUnderscores.Add(_decoder.DroppedHeaders - _countedDrops);
        _countedDrops = _decoder.DroppedHeaders;
    }

    private int Decode(ReadOnlySpan<byte> data)
    {
        _decoding = true;
        var taken = _decoder.Decode(data);
        _decoding = false;
        return taken;
    }

    /// <summary>Continues with held bytes at the end of the turn, not from within the caller: pipelined requests never nest.</summary>
    private void ScheduleResume()
    {
        if (_resumeScheduled || _held.IsEmpty)
            return;
        _resumeScheduled = true;
        _socket.Loop.AtTurnEnd(this);
    }

    private void DecodeHeld()
    {
        while (_manager.IsOpen && !_held.IsEmpty && !_decoder.IsPaused)
        {
            var piece = _held.First;
            var taken = Decode(piece);
            if (!_manager.IsOpen)
                return;
            _held.Drain(taken);
            if (taken < piece.Length)
                break;
        }

        if (_held.IsEmpty)
            LetGo();
        else if (_stream is null && !_decoder.IsPaused)
            ScheduleResume();
    }

    private void HoldBack()
    {
        if (_holdingBack)
            return;
        _holdingBack = true;
        _socket.PauseReading();
    }

    private void LetGo()
    {
        if (!_holdingBack)
            return;
        _holdingBack = false;
        _socket.ResumeReading();
    }
}
