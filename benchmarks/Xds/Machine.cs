using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Weft.Bench.Xds;

/// <summary>What both measurements ask the machine and the proxy for.</summary>
internal static class Machine
{
    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>The sum of a proxy's statistics whose names match.</summary>
    public static long Sum(HttpClient http, Uri admin, string pattern)
    {
        var text = http.GetStringAsync(new Uri(admin, "/stats?filter=" + pattern)).Result;
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Sum(static line => long.Parse(line.Split(": ")[^1], CultureInfo.InvariantCulture));
    }
}
