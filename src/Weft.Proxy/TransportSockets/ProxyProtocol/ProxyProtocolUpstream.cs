using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.ProxyProtocol.V3;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Versions = Envoy.Config.Core.V3.ProxyProtocolConfig.Types.Version;

namespace Weft.Proxy.TransportSockets.ProxyProtocol;

/// <summary>
/// envoy.transport_sockets.upstream_proxy_protocol: tells the upstream, before anything else, on whose behalf a connection is made. Around another
/// transport socket, whose handshake comes after the header. Immutable; any thread.
/// </summary>
internal sealed class ProxyProtocolUpstream : UpstreamTransportSocket
{
    private readonly UpstreamTransportSocket _inner;
    private readonly bool _isV2;
    private readonly TlvFilter _tlvs;

    private ProxyProtocolUpstream(UpstreamTransportSocket inner, ProxyProtocolConfig? config)
    {
        _inner = inner;
        _isV2 = config?.Version == Versions.V2;
        _tlvs = new TlvFilter(config?.PassThroughTlvs);
    }

    public override bool IsSecure => _inner.IsSecure;

    public override bool TellsClient => true;

    /// <summary>Compiles; null, with findings, when it cannot be made.</summary>
    public static ProxyProtocolUpstream? Create(ProxyProtocolUpstreamTransport source, FactoryContext context, StatsScope scope) =>
        TransportSocketRegistry.CreateUpstream(source.TransportSocket, context, scope) is { } inner ? new ProxyProtocolUpstream(inner, source.Config) : null;

    public override Transport? Create(in UpstreamTransportOptions options) => _inner.Create(options);

    public override void WriteFirst(Connection connection, in UpstreamTransportOptions options)
    {
        var client = options.Client;
        if (client is not null && !CanBeTold(client))
            client = null;
        if (_isV2)
            connection.SendFirst(ProxyHeaderWriter.WriteV2(client, _tlvs));
        else
            connection.SendFirst(Encoding.ASCII.GetBytes(ProxyHeaderWriter.WriteV1(client)));
    }

    /// <summary>Both addresses are IP, and of one family.</summary>
    private static bool CanBeTold(ProxiedClient client) =>
        client.Source.Kind == client.Destination.Kind && client.Source.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6;
}
