using System.Net;
using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A port for what cannot be told to take any, as two processes are to have the same.</summary>
internal static class FreePort
{
    /// <summary>One that nobody listens at on this machine now.</summary>
    public static int Find()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
