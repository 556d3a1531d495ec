using Weft.Http.Http2;
using Weft.Http.Http2.Streams;
using Weft.Net;

namespace Weft.XdsServer;

/// <summary>One client's connection: feeds the codec and sends its output once a turn. Loop thread.</summary>
internal sealed class DiscoveryConnection : IConnectionHandler, IHttp2ConnectionHandler, ITurnEndWork
{
    private readonly DiscoveryServer _server;
    private readonly Connection _socket;
    private readonly Http2Connection _codec;
    private bool _isStarted;
    private bool _isTurnEndScheduled;

    public DiscoveryConnection(DiscoveryServer server, Connection socket)
    {
        (_server, _socket) = (server, socket);
        _codec = new Http2Connection(isServer: true, server.Options, server.Stats, server.Streams, socket.Output, this);
    }

    public DiscoveryServer Server => _server;

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data)
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

    void IConnectionHandler.OnReadEnd() => _socket.Close(CloseMode.Flush);

    void IConnectionHandler.OnClosed(CloseReason reason)
    {
        _codec.CloseStreams(Http2ErrorCode.Cancel);
        ScheduleTurnEnd();
    }

    void IConnectionHandler.OnAboveHighWatermark() => NoteSent();

    void IConnectionHandler.OnBelowLowWatermark() => NoteSent();

    void ITurnEndWork.OnTurnEnd()
    {
        _isTurnEndScheduled = false;
        _codec.DeliverHeld();
        _codec.ReturnClosedStreams();
    }

    IHttp2StreamHandler IHttp2ConnectionHandler.OnStreamOpened(Http2Stream stream) => new DiscoveryStream(this, stream);

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
