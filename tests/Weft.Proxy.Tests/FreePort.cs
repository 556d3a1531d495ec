using System.Net;
using System.Net.Sockets;

namespace Weft.Proxy.Tests;

/// <summary>A port for configuration that must name one.</summary>
internal static class FreePort
{
    // Below those that the kernel gives out by itself: nobody gets it before the proxy has it.
    private const int First = 10_000;
    private const int End = 30_000;

    /// <summary>One that nobody listens at on loopback now.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }
}
