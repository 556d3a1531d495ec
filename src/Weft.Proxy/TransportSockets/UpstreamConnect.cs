using Weft.Net;
using Weft.Proxy.Clusters;

namespace Weft.Proxy.TransportSockets;

/// <summary>Connecting to an endpoint as its cluster says: socket options, transport socket.</summary>
internal static class UpstreamConnect
{
    /// <summary>As <see cref="Connection.Connect"/>, with the transport socket of the endpoint. The loop's thread.</summary>
    /// <param name="transport">The transport socket in place of the endpoint's.</param>
    public static Connection Connect(
        this ClusterConfig cluster, EventLoop loop, Endpoint endpoint, NetAddress address, long connectTimeoutMs, IConnectionHandler handler, UpstreamTransportOptions? options = null, UpstreamTransportSocket? transport = null)
    {
        var socket = transport ?? cluster.Transports.For(endpoint);
        var asked = (options ?? new UpstreamTransportOptions()) with { EndpointName = endpoint.Hostname };
        var others = address.Equals(endpoint.Address) ? endpoint.AdditionalAddresses : [];
        if (others.Length > 0 && cluster.AddressOrder is { } order)
        {
            var sorted = order.Sort(address, others);
            (address, others) = (sorted[0], sorted[1..]);
        }

        var connection = Connection.Connect(loop, address, connectTimeoutMs, handler, asked.Source?.Apply(cluster.ConnectOptions, address) ?? cluster.ConnectOptions, socket.Create(asked), others);
        socket.WriteFirst(connection, endpoint, asked);
        return connection;
    }

    /// <summary>Why a connection was not made, for %UPSTREAM_TRANSPORT_FAILURE_REASON%; null when the peer just closed it.</summary>
    public static string? FailureOf(Connection connection) =>
        connection.Transport?.Failure is { Length: > 0 } failure ? failure
        : connection.LastError == 0 ? null
        : $"delayed connect error: {NetException.Text(connection.LastError)}";
}
