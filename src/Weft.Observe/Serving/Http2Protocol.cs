using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;

namespace Weft.Observe.Serving;

/// <summary>HTTP/2 on a connection: feeds the codec and sends its output once a turn. Loop thread.</summary>
internal sealed class Http2Protocol : IServedProtocol, IHttp2ConnectionHandler, ITurnEndWork
{
    private readonly Connection _socket;
    private readonly Http2Connection _codec;
    private bool _isStarted;
    private bool _isTurnEndScheduled;

    public Http2Protocol(ServingSocket server, Connection socket)
    {
        (Server, _socket) = (server, socket);
        _codec = new Http2Connection(isServer: true, server.Http2, server.Http2Stats, server.Streams, socket.Output, this);
    }

    public ServingSocket Server { get; }

    /// <summary>Streams that are open.</summary>
    public int OpenStreams { get; set; }

    public bool IsBusy => OpenStreams > 0;

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

    public void OnReadEnd() => _socket.Close(CloseMode.Flush);

    public void OnClosed()
    {
        _codec.CloseStreams(Http2ErrorCode.Cancel);
        ScheduleTurnEnd();
    }

    public void OnWatermark() => NoteSent();

    void ITurnEndWork.OnTurnEnd()
    {
        _isTurnEndScheduled = false;
        _codec.DeliverHeld();
        _codec.ReturnClosedStreams();
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream)
    {
        OpenStreams++;
        return new Http2Exchange(this, stream);
    }

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
