using Weft.Base.Logging;
using Weft.Http.Http1;
using Weft.Http.Http2;
using Weft.Net;
using Weft.Serving;

namespace Weft.Observe.Serving;

/// <summary>A port that serves HTTP/1.1, HTTP/2 and gRPC without TLS, whichever the client begins with. Loop thread.</summary>
internal sealed class ServingSocket : IAcceptHandler, IDisposable
{
    private static readonly Logger Log = Logger.Get("observe");

    private readonly EventLoop _loop;
    private readonly ListenSocket _socket;

    /// <exception cref="NetException">The address cannot be bound.</exception>
    public ServingSocket(EventLoop loop, NetAddress address, IHttpHandler handler, ServingLimits limits, ServingLoad load)
    {
        (_loop, Handler, Limits, Load) = (loop, handler, limits, load);
        Http2 = new Http2Serving(loop, new Http2Options { StreamErrorOnInvalidMessage = true, MaxConcurrentStreams = 100, StreamWindowBytes = 1024 * 1024, ConnectionWindowBytes = 4 * 1024 * 1024 });
        _socket = ListenSocket.Bind(address, new ListenOptions { ReusePort = false });
    }

    public NetAddress Address => _socket.LocalAddress;

    public IHttpHandler Handler { get; }

    public ServingLimits Limits { get; }

    public ServingLoad Load { get; }

    public Http1DecoderOptions Http1 { get; } = new() { AcceptHttp10 = true, DefaultHostForHttp10 = "localhost" };

    public Http2Serving Http2 { get; }

    public void Start() => _socket.Start(_loop, this);

    public void Dispose() => _socket.Dispose();

    IConnectionHandler? IAcceptHandler.OnAccept(Connection connection)
    {
        if (Load.Connections < Limits.MaxConnections)
            return new ServedConnection(this, connection);
        Load.Refused++;
        return null;
    }

    void IAcceptHandler.OnAcceptError(int errno) => Log.Warning($"accept failed: {NetException.Text(errno)}");
}
