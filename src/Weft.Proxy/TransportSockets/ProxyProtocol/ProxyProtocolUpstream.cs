using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.ProxyProtocol.V3;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.TransportSockets.ProxyProtocol;

/// <summary>
/// envoy.transport_sockets.upstream_proxy_protocol: tells the upstream, before anything else, on whose behalf a connection is made. Around another
/// transport socket, whose handshake comes after the header. Immutable; any thread.
/// </summary>
internal sealed class ProxyProtocolUpstream : UpstreamTransportSocket
{
    private readonly UpstreamTransportSocket _inner;
    private readonly ProxyHeaderFormat _format;

    private ProxyProtocolUpstream(UpstreamTransportSocket inner, ProxyProtocolConfig? config, StatsScope scope)
    {
        _inner = inner;
        _format = new ProxyHeaderFormat(config, scope.Counter("upstream.proxyprotocol.v2_tlvs_exceed_max_length"));
    }

    public override bool IsSecure => _inner.IsSecure;

    public override bool TellsClient => true;

    public override bool SharesState => _inner.SharesState;

    /// <summary>Compiles; null, with findings, when it cannot be made.</summary>
    public static ProxyProtocolUpstream? Create(ProxyProtocolUpstreamTransport source, FactoryContext context, StatsScope scope, Metadata? ofCluster) =>
        TransportSocketRegistry.CreateUpstream(source.TransportSocket, context, scope, ofCluster) is { } inner ? new ProxyProtocolUpstream(inner, source.Config, scope) : null;

    public override Transport? Create(in UpstreamTransportOptions options) => _inner.Create(options);

    public override void WriteFirst(Connection connection, Endpoint endpoint, in UpstreamTransportOptions options)
    {
        connection.SendFirst(_format.Write(options.Client ?? (_format.IsV2 ? null : Itself(connection, endpoint)), _format.IsV2 ? _format.Added.For(endpoint.Metadata) : null));
        _inner.WriteFirst(connection, endpoint, options);
    }

    /// <summary>Without a client (health checks) version 1 tells of this very connection, as in Envoy. Of several addresses it is not known yet which one it will have.</summary>
    private static ProxiedClient? Itself(Connection connection, Endpoint endpoint) =>
        endpoint.AdditionalAddresses.Length > 0 ? null : new ProxiedClient(connection.LocalAddress, connection.RemoteAddress, null);
}
