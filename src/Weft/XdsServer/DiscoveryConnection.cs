using Weft.Net;
using Weft.Serving;

namespace Weft.XdsServer;

/// <summary>One client's connection. One whose socket takes nothing for long is closed. Loop thread.</summary>
internal sealed class DiscoveryConnection : IConnectionHandler, IUnsentHandler
{
    private readonly DiscoveryServer _server;
    private readonly Connection _socket;
    private readonly Http2ServerConnection _http2;
    private readonly ReadingWatch _watch;

    public DiscoveryConnection(DiscoveryServer server, Connection socket)
    {
        (_server, _socket) = (server, socket);
        _http2 = new Http2ServerConnection(server.Http2, socket, stream => new DiscoveryStream(server, this, stream));
        _watch = new ReadingWatch(socket.Loop, server.StallLimitMs, () => (socket.BytesSent, HasUnsent), OnStalled);
        (socket.UnsentBytes, socket.UnsentHandler) = (server.UnsentBytes, this);
    }

    public NetAddress Client => _socket.RemoteAddress;

    /// <summary>The socket has not taken all that was written.</summary>
    public bool HasUnsent => !_socket.Output.IsEmpty;

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data) => _http2.OnData(data);

    void IConnectionHandler.OnReadEnd() => _http2.OnReadEnd();

    void IConnectionHandler.OnClosed(CloseReason reason) => End();

    void IConnectionHandler.OnAboveHighWatermark() => _http2.OnWatermark();

    void IConnectionHandler.OnBelowLowWatermark() => _http2.OnWatermark();

    void IUnsentHandler.OnUnsentChanged() => _watch.Note();

    private void OnStalled()
    {
        _server.OnStalled(this, "its connection");
        _socket.Close(CloseMode.Abort);
        End();
    }

    private void End()
    {
        _watch.Stop();
        _http2.OnClosed();
    }
}
