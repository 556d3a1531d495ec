using Weft.Http;
using Weft.Net;
using Weft.Net.Tls;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.TcpConnections;
using Weft.Proxy.Stats;
using Weft.Proxy.Streams;

namespace Weft.Proxy.NetworkFilters.TcpProxy.Tunneling;

/// <summary>
/// One client's bytes on an HTTP stream of a cluster's pool. The tunnel is there once the proxy at its end has answered; until then it counts as a
/// connection that is being made. Worker thread.
/// </summary>
/// <remarks>The end of the server's direction ends the tunnel, as that of a response does; that of the client's leaves the other open.</remarks>
internal sealed class HttpTunnel : ITcpUpstream, IUpstreamHandler
{
    private readonly TunnelingConfig _config;
    private readonly StreamInfo _client;
    private readonly PendingRequest _pending;
    private readonly HeaderMap _request = new();
    private readonly HeaderMap _response = new();
    private ITcpUpstreamHandler? _handler;
    private UpstreamStream? _stream;
    private long _sentBytes;
    private bool _isEstablished;

    public HttpTunnel(TunnelingConfig config, Endpoint endpoint, ITcpUpstreamHandler handler, StreamInfo client)
    {
        _config = config;
        _client = client;
        _handler = handler;
        _pending = new PendingRequest(this);
        Endpoint = endpoint;
    }

    public Endpoint Endpoint { get; }

    public long Id { get; private set; }

    public NetAddress LocalAddress { get; private set; }

    public NetAddress RemoteAddress { get; private set; }

    public TlsFacts? Tls { get; private set; }

    public long BytesSent => _sentBytes;

    /// <summary>Asks the cluster for a stream; the handler may hear of a failure from within this call.</summary>
    public void Start(WorkerCluster cluster)
    {
        _config.WriteRequest(_request, _client, cluster.Config.Transports.For(Endpoint).IsSecure);
        cluster.NewStream(Endpoint, priority: 0, _pending, downstreamConnection: _client.ConnectionId, headers: _request, info: _client);
    }

    public void Write(ReadOnlySpan<byte> data)
    {
        _sentBytes += data.Length;
        _stream?.EncodeData(data, endStream: false);
    }

    public void ShutdownWrite() => _stream?.EncodeData([], endStream: true);

    public void PauseReading() => _stream?.PauseResponse();

    public void ResumeReading() => _stream?.ResumeResponse();

    public void Close()
    {
        _handler = null;
        if (_pending.IsWaiting)
            _pending.Cancel();
        var stream = _stream;
        _stream = null;
        stream?.Cancel();
    }

    // What the pool's connection holds goes on its way with those of others; there is nothing to wait for.
    public void CloseAfterFlush(TcpProxyStats? stats) => Close();

    void IUpstreamHandler.OnPoolReady(UpstreamStream stream)
    {
        _stream = stream;
        Id = stream.ConnectionId;
        (LocalAddress, RemoteAddress) = (stream.LocalAddress, stream.RemoteAddress);
        Tls = stream.Tls;
        stream.EncodeHeaders(_request, endStream: false, tunnel: !_config.UsesPost);
    }

    void IUpstreamHandler.OnPoolFailure(ResetReason reason, string? transportFailure)
    {
        // A circuit breaker is about the cluster: ejecting endpoints would make it worse.
        if (reason is not (ResetReason.Overflow or ResetReason.NoPool))
            Endpoint.OutlierMonitor?.PutConnectFailed();
        Detach()?.OnUpstreamConnectFailed(reason, transportFailure);
    }

    HeaderMap IUpstreamHandler.OnResponseBegin()
    {
        _response.Clear();
        return _response;
    }

    void IUpstreamHandler.OnInformational(HeaderMap headers)
    {
    }

    void IUpstreamHandler.OnResponseHeaders(HeaderMap headers, bool endStream)
    {
        if (_config.PropagatesHeaders)
            _client.FilterState.Set(HeadersState.ResponseHeaders, new HeadersState(headers));
        if (endStream)
            _stream = null;
        if (endStream || !IsAgreement(headers.Status))
        {
            var handler = Detach();
            Close();
            Endpoint.OutlierMonitor?.PutConnectFailed();
            handler?.OnUpstreamConnectFailed(ResetReason.RemoteConnectionFailure, null);
            return;
        }

        _isEstablished = true;
        Endpoint.OutlierMonitor?.PutConnected(isFinal: true);
        _handler?.OnUpstreamConnected();
    }

    void IUpstreamHandler.OnResponseData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!data.IsEmpty)
            _handler?.OnUpstreamData(data);
        if (endStream)
            End();
    }

    void IUpstreamHandler.OnResponseTrailers(HeaderMap trailers)
    {
        if (_config.PropagatesTrailers)
            _client.FilterState.Set(HeadersState.ResponseTrailers, new HeadersState(trailers));
        End();
    }

    void IUpstreamHandler.OnReset(ResetReason reason, CodecError? error)
    {
        _stream = null;
        if (_isEstablished)
            Detach()?.OnUpstreamClosed(inOrder: false);
        else
            Detach()?.OnUpstreamConnectFailed(ResetReason.RemoteConnectionFailure, error?.Details);
    }

    void IUpstreamHandler.OnRequestBackedUp() => _handler?.OnUpstreamAboveHighWatermark();

    void IUpstreamHandler.OnRequestDrained() => _handler?.OnUpstreamBelowLowWatermark();

    /// <summary>HTTP/2 has one status that says so (RFC 9113 section 8.5), as Envoy reads it.</summary>
    private bool IsAgreement(int status) => _stream?.Protocol == HttpProtocol.Http2 ? status == 200 : status is >= 200 and < 300;

    private void End()
    {
        _stream = null;
        if (Detach() is not { } handler)
            return;
        handler.OnUpstreamReadEnd();
        handler.OnUpstreamClosed(inOrder: true);
    }

    /// <summary>It is over: its handler is let go before it hears so.</summary>
    private ITcpUpstreamHandler? Detach()
    {
        var handler = _handler;
        _handler = null;
        return handler;
    }
}
