using System.Net;
using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A port for what cannot be told to take any, as two processes are to have the same.</summary>
internal static class FreePort
{
    // Below those that the kernel gives out by itself: nobody else gets it between two processes that have it one after the other.
    private const int First = 10_000;
    private const int Count = 20_000;

    private static int s_last = Random.Shared.Next(Count);

    /// <summary>One that nobody on this machine listens at now, and that this process has not been given before.</summary>
    public static int Find()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref s_last) % Count);
            if (CanBind(port, SocketType.Stream, ProtocolType.Tcp) && CanBind(port, SocketType.Dgram, ProtocolType.Udp))
                return port;
        }
    }

    private static bool CanBind(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
