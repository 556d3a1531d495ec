using Weft.Proxy.Bootstrap;
using Weft.Proxy.NetworkFilters;
using Weft.Proxy.TransportSockets;
using Weft.Proxy.TransportSockets.RawBuffer;

namespace Weft.Proxy.Listeners.FilterChains;

/// <summary>One filter chain as configured: the network filters of a connection, in order. Immutable, shared by all workers.</summary>
/// <param name="Name">FilterChain.name; empty when not given.</param>
/// <param name="Filters">The last one is terminal.</param>
public sealed record FilterChainConfig(string Name, NetworkFilterFactory[] Filters)
{
    /// <summary>As written; null for one made here.</summary>
    public Envoy.Config.Listener.V3.FilterChain? Source { get; init; }

    /// <summary>What stands between the connection and its filters; default: clear text.</summary>
    public DownstreamTransportSocket TransportSocket { get; init; } = RawBufferDownstream.Instance;

    /// <summary>What ends with the chain; null: it stays until the process ends. Main thread.</summary>
    internal Lifetime? Lifetime { get; init; }

    /// <summary>transport_socket_connect_timeout: time for its handshake; 0: none.</summary>
    public long TransportSocketConnectTimeoutMs { get; init; }
}
