namespace Weft.Proxy.Listeners.ListenerFilters.OriginalDst;

/// <summary>
/// envoy.filters.listener.original_dst: where the client wanted to go before iptables sent it here (REDIRECT). With TPROXY the socket's own
/// address is it.
/// </summary>
internal sealed class OriginalDstFilter : ListenerFilter
{
    public static readonly OriginalDstFilter Instance = new();

    public override ListenerFilterStatus OnAccept(AcceptedConnection connection)
    {
        if (connection.Socket.TryGetOriginalDestination(out var address))
        {
            connection.IsLocalAddressRestored |= address != connection.LocalAddress;
            connection.LocalAddress = address;
        }

        connection.IsLocalAddressRestored |= connection.Socket.IsTransparent;
        return ListenerFilterStatus.Continue;
    }
}

/// <summary>Hands out the filter, which keeps nothing.</summary>
internal sealed class OriginalDstFactory : ListenerFilterFactory
{
    public static readonly OriginalDstFactory Instance = new();

    public override ListenerFilter Create() => OriginalDstFilter.Instance;
}
