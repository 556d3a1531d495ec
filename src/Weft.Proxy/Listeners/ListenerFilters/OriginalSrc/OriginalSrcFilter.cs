using Weft.Proxy.TransportSockets;
using Message = Envoy.Extensions.Filters.Listener.OriginalSrc.V3.OriginalSrc;

namespace Weft.Proxy.Listeners.ListenerFilters.OriginalSrc;

/// <summary>
/// envoy.filters.listener.original_src: upstream connections come from the client's address (by then a PROXY header may have named it). It needs
/// CAP_NET_ADMIN, and routes that bring the answers back.
/// </summary>
internal sealed class OriginalSrcFilter(OriginalSrcFactory config) : ListenerFilter
{
    public override ListenerFilterStatus OnAccept(AcceptedConnection connection)
    {
        connection.UpstreamSource = UpstreamSource.Of(connection.RemoteAddress, config.Mark, config.BindsPort);
        return ListenerFilterStatus.Continue;
    }
}

/// <summary>Hands out the filter, which keeps nothing.</summary>
internal sealed class OriginalSrcFactory : ListenerFilterFactory
{
    private readonly OriginalSrcFilter _filter;

    public OriginalSrcFactory(Message config)
    {
        (Mark, BindsPort) = (config.Mark, config.BindPort);
        _filter = new OriginalSrcFilter(this);
    }

    /// <summary>0: none.</summary>
    public uint Mark { get; }

    /// <summary>bind_port: the client's port, too.</summary>
    public bool BindsPort { get; }

    public override ListenerFilter Create() => _filter;
}
