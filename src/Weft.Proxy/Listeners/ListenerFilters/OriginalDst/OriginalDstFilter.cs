using System.Text;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets.InternalUpstream;

namespace Weft.Proxy.Listeners.ListenerFilters.OriginalDst;

/// <summary>
/// envoy.filters.listener.original_dst: where the client wanted to go before iptables sent it here (REDIRECT). With TPROXY the socket's own
/// address is it; a connection of an internal listener brings it along.
/// </summary>
internal sealed class OriginalDstFilter : ListenerFilter
{
    private const string MetadataNamespace = "envoy.filters.listener.original_dst";

    public static readonly OriginalDstFilter Instance = new();

    public override ListenerFilterStatus OnAccept(AcceptedConnection connection)
    {
        if (connection.Socket.PassedThrough is PassedState passed)
            Restore(connection, passed);
        if (connection.Socket.TryGetOriginalDestination(out var address))
        {
            connection.IsLocalAddressRestored |= address != connection.LocalAddress;
            connection.LocalAddress = address;
        }

        connection.IsLocalAddressRestored |= connection.Socket.IsTransparent;
        return ListenerFilterStatus.Continue;
    }

    /// <summary>A connection within the process brings along what the kernel does not know: in the metadata of its endpoint, or in shared filter state.</summary>
    private static void Restore(AcceptedConnection connection, PassedState passed)
    {
        var local = passed.TextAt(MetadataNamespace, "local") is { } text ? Encoding.ASCII.GetBytes(text) : passed.State?.Find(WellKnownState.OriginalDestination);
        if (WellKnownState.TryReadAddress(local, out var address))
        {
            connection.IsLocalAddressRestored = true;
            connection.LocalAddress = address;
        }

        if (WellKnownState.TryReadAddress(passed.State?.Find(WellKnownState.OriginalSource), out address))
            connection.RemoteAddress = address;
    }
}

/// <summary>Hands out the filter, which keeps nothing.</summary>
internal sealed class OriginalDstFactory : ListenerFilterFactory
{
    public static readonly OriginalDstFactory Instance = new();

    public override ListenerFilter Create() => OriginalDstFilter.Instance;
}
