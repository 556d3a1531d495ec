using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.TransportSockets.InternalUpstream.V3;
using Envoy.Extensions.TransportSockets.ProxyProtocol.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.TransportSockets.InternalUpstream;
using Weft.Proxy.TransportSockets.ProxyProtocol;
using Weft.Proxy.TransportSockets.RawBuffer;
using Weft.Proxy.TransportSockets.Tls;
using RawBufferMessage = Envoy.Extensions.TransportSockets.RawBuffer.V3.RawBuffer;

namespace Weft.Proxy.TransportSockets;

/// <summary>Which configuration message makes which transport socket. The type of the message decides, never the name.</summary>
internal static class TransportSocketRegistry
{
    /// <summary>A filter chain's; clear text when there is none; null, with findings, when it cannot be made.</summary>
    public static DownstreamTransportSocket? CreateDownstream(FilterChain chain, FactoryContext context, StatsScope scope)
    {
        var source = chain.TransportSocket;
        switch (source is null ? null : context.Config.Unpack(source.TypedConfig))
        {
            case null or RawBufferMessage:
                return RawBufferDownstream.Instance;
            case DownstreamTlsContext tls:
                return DownstreamTlsSocket.Create(tls, [.. chain.FilterChainMatch?.ServerNames ?? []], context, scope);
            case IMessage other:
                context.Config.Error(source!, "typed_config", $"{other.Descriptor.FullName} is no transport socket of a filter chain, or not implemented yet");
                return null;
        }
    }

    /// <summary>Whether a cluster's, or the one within it, can agree on a protocol (ALPN): TLS can.</summary>
    public static bool HasAlpn(TransportSocket? source, ConfigContext context) => (source is null ? null : context.Unpack(source.TypedConfig)) switch
    {
        UpstreamTlsContext => true,
        ProxyProtocolUpstreamTransport proxy => HasAlpn(proxy.TransportSocket, context),
        InternalUpstreamTransport transport => HasAlpn(transport.TransportSocket, context),
        _ => false,
    };

    /// <summary>A cluster's; clear text when there is none; null, with findings, when it cannot be made.</summary>
    /// <param name="source">As configured.</param>
    /// <param name="context">The services.</param>
    /// <param name="scope">The cluster's statistics.</param>
    /// <param name="ofCluster">The cluster's metadata; null: it has none.</param>
    public static UpstreamTransportSocket? CreateUpstream(TransportSocket? source, FactoryContext context, StatsScope scope, Metadata? ofCluster = null)
    {
        switch (source is null ? null : context.Config.Unpack(source.TypedConfig))
        {
            case null or RawBufferMessage:
                return RawBufferUpstream.Instance;
            case UpstreamTlsContext tls:
                return UpstreamTlsSocket.Create(tls, context, scope);
            case ProxyProtocolUpstreamTransport proxy:
                return ProxyProtocolUpstream.Create(proxy, context, scope, ofCluster);
            case InternalUpstreamTransport transport:
                return InternalUpstreamSocket.Create(transport, ofCluster, context, scope);
            case IMessage other:
                context.Config.Error(source!, "typed_config", $"{other.Descriptor.FullName} is no transport socket of a cluster, or not implemented yet");
                return null;
        }
    }
}
