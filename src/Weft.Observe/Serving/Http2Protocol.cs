using Weft.Net;
using Weft.Serving;

namespace Weft.Observe.Serving;

/// <summary>HTTP/2 on a connection. Loop thread.</summary>
internal sealed class Http2Protocol : IServedProtocol
{
    private readonly Http2ServerConnection _connection;

    public Http2Protocol(ServingSocket server, Connection socket)
    {
        Server = server;
        _connection = new Http2ServerConnection(server.Http2, socket, stream =>
        {
            OpenStreams++;
            return new Http2Exchange(this, stream);
        });
    }

    public ServingSocket Server { get; }

    /// <summary>Streams that are open.</summary>
    public int OpenStreams { get; set; }

    public bool IsBusy => OpenStreams > 0;

    public void OnData(ReadOnlySpan<byte> data) => _connection.OnData(data);

    public void OnReadEnd() => _connection.OnReadEnd();

    public void OnClosed() => _connection.OnClosed();

    public void OnWatermark() => _connection.OnWatermark();
}
