using Weft.Http;
using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>The codec's end of one HTTP/2 request: between its <see cref="Http2Stream"/>, with which it is pooled, and its <see cref="HttpStream"/>. Worker thread.</summary>
internal sealed class Http2ServerStream : ResponseEncoder, IHttp2StreamHandler
{
    private readonly Http2Stream _stream;
    private readonly LoopTimer _flushTimer;
    private Http2ServerConnection _connection = null!;
    private HttpStream? _http;
    private long _startUs;
    private bool _isOpen;
    private bool _isAnswered;
    private bool _isBackedUp;

    public Http2ServerStream(Http2Stream stream, EventLoop loop)
    {
        _stream = stream;
        _flushTimer = new LoopTimer(loop, OnFlushTimeout);
    }

    public override HttpProtocol Protocol => HttpProtocol.Http2;

    public override bool IsMultiplexed => true;

    private HttpConnectionManager Manager => _connection.Manager;

    /// <summary>The stream is open (again).</summary>
    public void Begin(Http2ServerConnection connection)
    {
        _connection = connection;
        _isOpen = true;
        _isAnswered = _isBackedUp = false;
        _startUs = Manager.Worker.Worker.Loop.NowUs;
    }

    public HeaderMap OnMessageBegin()
    {
        _http = Manager.BeginStream(this);
        return _http.RequestHeaders;
    }

    public void OnHeaders(HeaderMap headers, bool endStream)
    {
        Http2Upgrade.RequestToHttp1(headers);
        if (_connection.IsSocketBackedUp)
            OnBackedUpChanged();
        _http?.OnRequestHeaders(endStream);
    }

    public void OnInformational(HeaderMap headers)
    {
    }

    public void OnData(ReadOnlySpan<byte> data, bool endStream) => _http?.OnRequestData(data, endStream);

    public void OnTrailers(HeaderMap trailers) => _http?.OnRequestTrailers(trailers);

    public void OnMetadata(ReadOnlySpan<byte> block) => _http?.OnRequestMetadata(block);

    public void OnProtocolError(CodecError error) => End(error.Details, ResponseFlags.DownstreamProtocolError);

    public void OnReset(Http2ErrorCode code)
    {
        if (_connection.ConnectionEnd is { } end)
            End(end.Details, end.Flags);
        else
            End(code == Http2ErrorCode.RefusedStream ? "http2.remote_refuse" : "http2.remote_reset", ResponseFlags.DownstreamRemoteReset);
    }

    public void OnBackedUp() => OnBackedUpChanged();

    public void OnDrained() => OnBackedUpChanged();

    /// <summary>What holds the response up has changed: the stream's window, or the socket.</summary>
    public void OnBackedUpChanged()
    {
        var isBackedUp = _isOpen && (_stream.IsBackedUp || _connection.IsSocketBackedUp);
        if (isBackedUp == _isBackedUp)
            return;
        _isBackedUp = isBackedUp;
        if (isBackedUp)
            _http?.OnResponseBackedUp();
        else
            _http?.OnResponseDrained();
    }

    public void OnClosed()
    {
        _isOpen = false;
        _flushTimer.Cancel();
        _connection.OnStreamClosed(Manager.Worker.Worker.Loop.NowUs - _startUs, _isAnswered);
    }

    public override void EncodeInformational(HeaderMap headers)
    {
        if (_isOpen)
            _stream.WriteHeaders(headers, endStream: false);
    }

    public override void EncodeHeaders(HeaderMap headers, bool endStream)
    {
        _isAnswered = true;
        if (!_isOpen)
            return;
        Http2Upgrade.ResponseToHttp2(headers);
        _stream.WriteHeaders(headers, endStream);
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isOpen)
            _stream.WriteData(_http!.IsHeadRequest ? default : data, endStream);
    }

    public override void EncodeTrailers(HeaderMap trailers)
    {
        if (_isOpen)
            _stream.WriteTrailers(trailers);
    }

    public override void EncodeMetadata(ReadOnlySpan<byte> block)
    {
        if (_isOpen)
            _stream.WriteMetadata(block);
    }

    public override void Reset(Http2ErrorCode code)
    {
        if (_isOpen)
            _stream.Reset(code);
    }

    public override void PauseRequest()
    {
        if (_isOpen)
            _stream.Pause();
    }

    public override void ResumeRequest()
    {
        if (_isOpen)
            _stream.Resume();
    }

    // The body of a CONNECT is as opaque as any other.
    public override void SwitchToTunnel()
    {
    }

    /// <summary>What waits for the client's window is still sent, for as long as streams may be idle.</summary>
    public override void OnStreamDone(HttpStream stream)
    {
        _http = null;
        if (!_isOpen)
            return;
        _stream.StopReading();
        if (_isOpen && Manager.Config.StreamIdleTimeoutMs is > 0 and var timeoutMs)
            _flushTimer.Arm(timeoutMs);
    }

    private void End(string? details, ResponseFlags flags)
    {
        if (_http is not { } http)
            return;
        _http = null;
        _isOpen = false;
        http.OnDownstreamReset(details, flags);
    }

    private void OnFlushTimeout()
    {
        Manager.Config.Http2Stats.TxFlushTimeout.Inc();
        Reset(Http2ErrorCode.InternalError);
    }
}
