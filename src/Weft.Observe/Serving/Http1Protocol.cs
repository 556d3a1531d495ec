using Weft.Base.Buffers;
using Weft.Http;
using Weft.Http.Http1;
using Weft.Net;

namespace Weft.Observe.Serving;

/// <summary>HTTP/1.1 on a connection: one request after the other, each answered when its body is whole. Loop thread.</summary>
internal sealed class Http1Protocol : IServedProtocol, IMessageHandler, ITurnEndWork
{
    private readonly ServingSocket _server;
    private readonly Connection _socket;
    private readonly Http1Decoder _decoder;
    private readonly BodyBuffer _body;
    private readonly ByteQueue _held;
    private readonly HeaderMap _request = new();
    private readonly HeaderMap _response = new();
    private bool _isPausedForHeld;
    private bool _isScheduled;

    public Http1Protocol(ServingSocket server, Connection socket)
    {
        (_server, _socket) = (server, socket);
        _decoder = new Http1Decoder(isResponse: false, server.Http1, this);
        _body = new BodyBuffer(server);
        _held = new ByteQueue(socket.Loop.Buffers);
    }

    public bool IsBusy => !_decoder.IsIdle;

    public void OnData(ReadOnlySpan<byte> data)
    {
        if (_held.IsEmpty)
            data = data[_decoder.Decode(data)..];
        if (!data.IsEmpty && _socket.IsOpen)
            Hold(data);
    }

    public void OnReadEnd() => _socket.Close(CloseMode.Flush);

    public void OnClosed()
    {
        _body.Clear();
        _held.Clear();
    }

    public void OnWatermark()
    {
        if (!_held.IsEmpty && !_socket.IsAboveHighWatermark)
            Schedule();
    }

    void ITurnEndWork.OnTurnEnd()
    {
        _isScheduled = false;
        while (_socket.IsOpen && !_held.IsEmpty && !_socket.IsAboveHighWatermark)
            _held.Drain(_decoder.Decode(_held.First));
        if (!_held.IsEmpty || !_isPausedForHeld)
            return;
        _isPausedForHeld = false;
        _socket.ResumeReading();
    }

    HeaderMap IMessageHandler.OnMessageBegin() => _request;

    void IMessageHandler.OnHeaders(HeaderMap headers, bool endStream)
    {
        if (long.TryParse(headers.Get(KnownHeader.ContentLength), out var length))
            _body.Expect(length);
        if (_body.Fault != 0)
        {
            Refuse(_body.Fault);
            return;
        }

        if (headers.Get(KnownHeader.Expect).SequenceEqual("100-continue"u8))
            Continue();
        // An upgrade that was asked for is not made: it is an ordinary request.
        if (_decoder.IsPaused && !endStream)
            _decoder.Resume();
        if (endStream)
            Answer();
    }

    void IMessageHandler.OnInformational(HeaderMap headers)
    {
    }

    void IMessageHandler.OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!_socket.IsOpen)
            return;
        _body.Append(data);
        if (_body.Fault != 0)
            Refuse(_body.Fault);
        else if (endStream)
            Answer();
    }

    void IMessageHandler.OnTrailers(HeaderMap trailers) => Answer();

    void IMessageHandler.OnProtocolError(CodecError error) => Refuse(error.Status);

    private void Answer()
    {
        var body = _body.Take(_request.Get(KnownHeader.ContentEncoding));
        var fault = _body.Fault;
        if (fault != 0)
        {
            Refuse(fault);
            return;
        }

        var answer = _server.Handler.Answer(HttpCall.Of(_request, body));
        var isLast = !_decoder.KeepAlive;
        Write(answer, isLast, _request.Get(KnownHeader.Method).SequenceEqual("HEAD"u8));
        _body.Clear();
        if (isLast)
            _socket.Close(CloseMode.Flush);
        else
            _decoder.Resume();
    }

    /// <summary>An answer behind which the connection ends: what else the client sends is not read.</summary>
    private void Refuse(int status)
    {
        _body.Clear();
        Write(HttpAnswer.Empty(status), isLast: true, isHead: false);
        _socket.Close(CloseMode.Flush);
    }

    private void Write(HttpAnswer answer, bool isLast, bool isHead)
    {
        ResponseHead.Fill(_response, answer);
        Http1Encoder.WriteResponseHead(_response, Http1Framing.AsHeaders, _decoder.Protocol, isLast, _socket.Output);
        if (!isHead)
            _socket.Output.Append(answer.Body.Span);
        _socket.ScheduleFlush();
    }

    private void Continue()
    {
        _response.Clear();
        _response.Set(KnownHeader.Status, "100"u8);
        Http1Encoder.WriteResponseHead(_response, Http1Framing.AsHeaders, HttpProtocol.Http11, close: false, _socket.Output);
        _socket.ScheduleFlush();
    }

    /// <summary>A pipelined request waits for the end of the turn, so that many of them do not hold up the loop.</summary>
    private void Hold(ReadOnlySpan<byte> data)
    {
        _held.Append(data);
        if (!_isPausedForHeld)
        {
            _isPausedForHeld = true;
            _socket.PauseReading();
        }

        Schedule();
    }

    private void Schedule()
    {
        if (_isScheduled)
            return;
        _isScheduled = true;
        _socket.Loop.AtTurnEnd(this);
    }
}
