using Weft.Net;
using Weft.Serving;

namespace Weft.XdsServer;

/// <summary>One client's connection. Loop thread.</summary>
internal sealed class DiscoveryConnection : IConnectionHandler
{
    private readonly Http2ServerConnection _http2;

    public DiscoveryConnection(DiscoveryServer server, Connection socket) => _http2 = new Http2ServerConnection(server.Http2, socket, stream => new DiscoveryStream(server, stream));

    void IConnectionHandler.OnConnected()
    {
    }

    void IConnectionHandler.OnData(ReadOnlySpan<byte> data) => _http2.OnData(data);

    void IConnectionHandler.OnReadEnd() => _http2.OnReadEnd();

    void IConnectionHandler.OnClosed(CloseReason reason) => _http2.OnClosed();

    void IConnectionHandler.OnAboveHighWatermark() => _http2.OnWatermark();

    void IConnectionHandler.OnBelowLowWatermark() => _http2.OnWatermark();
}
