using Weft.Net;

namespace Weft.Proxy.TransportSockets;

/// <summary>What stands between accepted connections and their filters, as configured. Immutable or swapped whole; shared by all workers.</summary>
public abstract class DownstreamTransportSocket
{
    /// <summary>Connections are encrypted.</summary>
    public virtual bool IsSecure => false;

    /// <summary>Puts it onto a new connection, whose handler is set; false when there is nothing to secure it with yet: it must be closed. Worker thread.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="timeoutMs">transport_socket_connect_timeout; 0: none.</param>
    public abstract bool TrySecure(Connection connection, long timeoutMs);
}
