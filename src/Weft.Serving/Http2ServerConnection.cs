using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;

namespace Weft.Serving;

/// <summary>The server's end of HTTP/2 on a socket: feeds the codec, and sends its output once a turn. Loop thread.</summary>
public sealed class Http2ServerConnection : IHttp2ConnectionHandler, ITurnEndWork
{
    private readonly Connection _socket;
    private readonly Func<Http2Stream, IHttp2StreamHandler> _open;
    private readonly Http2Connection _codec;
    private bool _isStarted;
    private bool _isTurnEndScheduled;

    /// <param name="open">Gives what handles a stream that the client opens.</param>
    public Http2ServerConnection(Http2Serving serving, Connection socket, Func<Http2Stream, IHttp2StreamHandler> open)
    {
        (_socket, _open) = (socket, open);
        _codec = new Http2Connection(isServer: true, serving.Options, serving.Stats, serving.Streams, socket.Output, this);
    }

    /// <summary>The socket has received something.</summary>
    public void OnData(ReadOnlySpan<byte> data)
    {
        if (!_isStarted)
        {
            _isStarted = true;
            _codec.Start();
        }

        NoteSent();
        _codec.Decode(data);
        if (_socket.IsOpen && !_socket.Output.IsEmpty)
            _socket.ScheduleFlush();
    }

    /// <summary>The client sends no more.</summary>
    public void OnReadEnd() => _socket.Close(CloseMode.Flush);

    /// <summary>The socket is closed: its streams end.</summary>
    public void OnClosed()
    {
        _codec.CloseStreams(Http2ErrorCode.Cancel);
        ScheduleTurnEnd();
    }

    /// <summary>Output rose above, or fell below, what may wait.</summary>
    public void OnWatermark() => NoteSent();

    void ITurnEndWork.OnTurnEnd()
    {
        _isTurnEndScheduled = false;
        _codec.DeliverHeld();
        _codec.ReturnClosedStreams();
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream) => _open(stream);

    void IHttp2ConnectionHandler.OnOutput()
    {
        if (!_socket.IsOpen)
            return;
        NoteSent();
        _socket.ScheduleFlush();
    }

    void IHttp2ConnectionHandler.OnTurnEndWork() => ScheduleTurnEnd();

    void IHttp2ConnectionHandler.OnSettings()
    {
    }

    void IHttp2ConnectionHandler.OnGoAway(Http2ErrorCode code)
    {
    }

    void IHttp2ConnectionHandler.OnPingAck(ulong opaque)
    {
    }

    void IHttp2ConnectionHandler.OnConnectionError(Http2Fault fault)
    {
        _socket.ScheduleFlush();
        _codec.CloseStreams(fault.Code);
        _socket.Close(CloseMode.Flush);
    }

    private void NoteSent() => _codec.OnSent(_socket.BytesSent, _socket.Output.Length, _socket.IsAboveHighWatermark);

    private void ScheduleTurnEnd()
    {
        if (_isTurnEndScheduled)
            return;
        _isTurnEndScheduled = true;
        _socket.Loop.AtTurnEnd(this);
    }
}
