using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.TcpConnections;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.TransportSockets.ProxyProtocol;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Router.Tunnels;

/// <summary>
/// A TCP connection in the place of an HTTP stream: the request's body is what it sends, and what it receives is the body of a response 200 that is
/// made up here. Worker thread.
/// </summary>
internal sealed class TcpUpstreamStream : UpstreamStream, ITcpUpstreamHandler
{
    private readonly ProxyHeaderFormat? _proxyHeader;
    private readonly StreamInfo _client;
    private readonly TcpUpstream _connection;
    private IUpstreamHandler? _handler;
    private int _pauses;

    private TcpUpstreamStream(Worker worker, WorkerCluster cluster, Endpoint endpoint, ProxyHeaderFormat? proxyHeader, IUpstreamHandler handler, StreamInfo client)
    {
        _proxyHeader = proxyHeader;
        _client = client;
        _handler = handler;
        _connection = new TcpUpstream(worker, cluster.Config, endpoint, this, client, cluster);
    }

    public override HttpProtocol? Protocol => null;

    public override NetAddress LocalAddress => _connection.LocalAddress;

    public override NetAddress RemoteAddress => _connection.RemoteAddress;

    public override TlsFacts? Tls => _connection.Tls;

    public override long ConnectionId => _connection.Id;

    public override bool IsReused => false;

    public override bool NothingSent => _connection.BytesSent == 0;

    /// <summary>Connects; the handler hears OnPoolReady or OnPoolFailure, the latter possibly from within this call.</summary>
    /// <returns>To give it up with; null when it has failed already.</returns>
    public static TcpUpstreamStream? Connect(Worker worker, WorkerCluster cluster, Endpoint endpoint, ProxyHeaderFormat? proxyHeader, IUpstreamHandler handler, StreamInfo client)
    {
        var owner = cluster.OwnerOf(endpoint);
        if (TcpUpstream.TryAcquire(owner.Config))
            return new TcpUpstreamStream(worker, owner, endpoint, proxyHeader, handler, client);
        handler.OnPoolFailure(ResetReason.Overflow, null);
        return null;
    }

    public override void EncodeHeaders(HeaderMap headers, bool endStream, bool tunnel)
    {
        if (_proxyHeader is { } format)
            _connection.Write(format.Write(ProxiedClient.Of(_client)));
        if (endStream)
            _connection.ShutdownWrite();
    }

    public override void EncodeData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_handler is null)
            return;
        if (!data.IsEmpty)
            _connection.Write(data);
        if (endStream)
            _connection.ShutdownWrite();
    }

    public override void EncodeTrailers(HeaderMap trailers) => EncodeData([], endStream: true);

    public override void Cancel()
    {
        if (_handler is null)
            return;
        _handler = null;
        _connection.Close();
    }

    public override void PauseResponse()
    {
        if (_pauses++ == 0)
            _connection.PauseReading();
    }

    public override void ResumeResponse()
    {
        if (_pauses > 0 && --_pauses == 0 && _handler is not null)
            _connection.ResumeReading();
    }

    void ITcpUpstreamHandler.OnUpstreamConnected()
    {
        _handler!.OnPoolReady(this);
        if (_handler is not { } handler)
            return;
        var head = handler.OnResponseBegin();
        head.Set(KnownHeader.Status, "200"u8);
        handler.OnResponseHeaders(head, endStream: false);
    }

    void ITcpUpstreamHandler.OnUpstreamConnectFailed(ResetReason reason, string? failure) => Detach()?.OnPoolFailure(reason, failure);

    void ITcpUpstreamHandler.OnUpstreamData(ReadOnlySpan<byte> data) => _handler?.OnResponseData(data, endStream: false);

    // The tunnel ends with the upstream's direction: what is under way to it is still delivered.
    void ITcpUpstreamHandler.OnUpstreamReadEnd()
    {
        var handler = Detach();
        _connection.CloseAfterFlush(stats: null);
        handler?.OnResponseData([], endStream: true);
    }

    void ITcpUpstreamHandler.OnUpstreamClosed(bool inOrder) => Detach()?.OnReset(ResetReason.ConnectionTermination, null);

    void ITcpUpstreamHandler.OnUpstreamAboveHighWatermark() => _handler?.OnRequestBackedUp();

    void ITcpUpstreamHandler.OnUpstreamBelowLowWatermark() => _handler?.OnRequestDrained();

    /// <summary>It is over: its handler is let go before it hears so.</summary>
    private IUpstreamHandler? Detach()
    {
        var handler = _handler;
        _handler = null;
        return handler;
    }
}
