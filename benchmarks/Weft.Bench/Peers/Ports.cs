using System.Net;
using System.Net.Sockets;

namespace Weft.Bench.Peers;

/// <summary>The loopback ports of one proxy and of the backends behind it.</summary>
internal sealed record Ports
{
    public required int Backend { get; init; }

    public required int Bulk { get; init; }

    /// <summary>Takes traces.</summary>
    public required int Collector { get; init; }

    public int Http { get; } = Free();

    /// <summary>HTTP/2 in clear text.</summary>
    public int Http2 { get; } = Free();

    public int Tls { get; } = Free();

    /// <summary>In clear text, for requests that go to <see cref="MutualTls"/>.</summary>
    public int Mesh { get; } = Free();

    /// <summary>TLS with a client certificate required.</summary>
    public int MutualTls { get; } = Free();

    public int Tcp { get; } = Free();

    public int TcpSplice { get; } = Free();

    public int Admin { get; } = Free();

    /// <summary>A port nobody uses now. Someone may take it before the proxy does; the proxy then says so and the run ends.</summary>
    private static int Free()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
