using Weft.Net;
using Weft.Proxy.Listeners.ListenerFilters.ProxyProtocol;
using Weft.Proxy.Streams;

namespace Weft.Proxy.TransportSockets;

/// <summary>
/// What a request wants of its upstream connection: only requests that want the same share connections. Immutable; equal by value.
/// </summary>
/// <param name="ServerName">Name to ask for (auto_sni); empty: the configured one.</param>
/// <param name="SubjectAltName">Name that the certificate must hold (auto_san_validation); empty: what is configured.</param>
/// <param name="Client">For a PROXY protocol header; null: none is written.</param>
/// <param name="Source">Where it shall seem to come from; null: from this host.</param>
/// <param name="Shared">What filters share with upstreams; null: nothing.</param>
public sealed record TransportKey(string ServerName = "", string SubjectAltName = "", ProxiedClient? Client = null, UpstreamSource? Source = null, SharedFilterState? Shared = null)
{
    /// <summary>The certificate's name as a list.</summary>
    public IReadOnlyList<string> SubjectAltNames => SubjectAltName.Length > 0 ? [SubjectAltName] : [];
}

/// <summary>A client on whose behalf an upstream connection is made.</summary>
/// <param name="Source">Who it is.</param>
/// <param name="Destination">Where it wanted to go.</param>
/// <param name="Received">What its own proxy said; null when it said nothing.</param>
public sealed record ProxiedClient(NetAddress Source, NetAddress Destination, ProxyHeader? Received)
{
    public static ProxiedClient Of(StreamInfo info) => new(info.DownstreamRemoteAddress, info.DownstreamLocalAddress, info.ProxyHeader);
}
