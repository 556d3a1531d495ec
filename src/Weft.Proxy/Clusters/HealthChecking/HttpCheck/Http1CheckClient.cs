using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Http1;
using Weft.Net;

namespace Weft.Proxy.Clusters.HealthChecking.HttpCheck;

/// <summary>An HTTP/1.1 connection for checks. Main thread.</summary>
internal sealed class Http1CheckClient : HttpCheckClient, IConnectionHandler, IMessageHandler
{
    private readonly IHttpCheckHandler _handler;
    private readonly HeaderMap _headers = new();
    private readonly ByteWriter _body = new();
    private readonly Http1Decoder _decoder;
    private readonly Connection _socket;
    private readonly Http1WriteOptions _writing;
    private bool _isWaiting;
    private bool _isClosed;

    public Http1CheckClient(HealthChecker checker, Endpoint endpoint, IHttpCheckHandler handler)
    {
        _handler = handler;
        _decoder = new Http1Decoder(isResponse: true, checker.Cluster.Http1, this);
        _socket = checker.Connect(endpoint, this);
        _writing = checker.Cluster.Http1Write;
    }

    public override bool CanSend => !_isClosed;

    public override void Send(HeaderMap headers, ReadOnlySpan<byte> body)
    {
        _isWaiting = true;
        _decoder.ExpectResponseTo(headers.Get(KnownHeader.Method));
        Http1Encoder.WriteRequestHead(headers, Http1Framing.AsHeaders, _socket.Output, _writing);
        _socket.Output.Append(body);
        _socket.ScheduleFlush();
    }

    public override void Close()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _decoder.Pause();
        _socket.Close(CloseMode.Now);
    }

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
    {
        // Bytes that nobody asked for must not become the next check's answer.
        if (_isWaiting)
            _decoder.Decode(data);
        else
            End();
    }

    void IConnectionHandler.OnReadEnd()
    {
        if (_isWaiting)
            _decoder.DecodeEnd();
        End();
    }

    void IConnectionHandler.OnClosed(CloseReason reason) => End();

    void IConnectionHandler.OnAboveHighWatermark()
    {
    }

    void IConnectionHandler.OnBelowLowWatermark()
    {
    }

    HeaderMap IMessageHandler.OnMessageBegin()
    {
        _body.Clear();
        return _headers;
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        if (endStream)
            Complete(null);
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        var room = Math.Max(0, _handler.MaxBodyBytes - _body.Length);
        _body.Write(data[..Math.Min(room, data.Length)]);
        if (endStream)
            Complete(null);
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers) => Complete(trailers);

    void IMessageHandler.OnProtocolError(CodecError error) => End();

    private void Complete(HeaderMap? trailers)
    {
        _isWaiting = false;
        _handler.OnResponse(_headers, _body.Written, trailers, _decoder.KeepAlive && !_socket.ReadEnded);
    }

    private void End()
    {
        if (_isClosed)
            return;
        Close();
        if (_isWaiting)
            _handler.OnReset();
        else
            _handler.OnClosed();
    }
}
