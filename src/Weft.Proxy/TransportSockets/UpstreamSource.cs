using Weft.Net;

namespace Weft.Proxy.TransportSockets;

/// <summary>The address that upstream connections of a client shall seem to come from: its own (original_src). Immutable; equal by value.</summary>
/// <param name="Address">Port 0: any port.</param>
/// <param name="Mark">SO_MARK of the socket, by which the host's routing brings the answers back to us; 0: none.</param>
public sealed record UpstreamSource(NetAddress Address, uint Mark)
{
    /// <summary>Null for a client without an IP address: nothing can be done for it.</summary>
    public static UpstreamSource? Of(NetAddress client, uint mark, bool withPort) =>
        client.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 ? new UpstreamSource(withPort ? client : client.WithPort(0), mark) : null;

    /// <summary>How to connect from there.</summary>
    /// <param name="options">Of the cluster.</param>
    /// <param name="remote">Where to; a Unix socket is connected to as always.</param>
    public ConnectOptions Apply(ConnectOptions options, NetAddress remote) => remote.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6
        ? options with { Source = Address, OtherSources = [], SocketOptions = [.. options.SocketOptions, .. Net.SocketOption.ToBindElsewhere(Address, Mark)] }
        : options;
}
