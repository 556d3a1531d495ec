using System.Net;
using System.Net.Sockets;

namespace Weft.Proxy.Tests.Tracing.SkyWalking;

/// <summary>Carries the bytes of every connection that a listening socket takes to another port, and back.</summary>
internal sealed class Relay : IDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <param name="listener">Listens already; whoever made it closes it.</param>
    /// <param name="port">Where the bytes go.</param>
    public Relay(Socket listener, int port) => _ = AcceptAsync(listener, port);

    public void Dispose()
    {
        lock (_sockets)
            _sockets.ForEach(socket => socket.Dispose());
    }

    private async Task AcceptAsync(Socket listener, int port)
    {
        try
        {
            while (true)
            {
                var near = await listener.AcceptAsync();
                var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                lock (_sockets)
                    _sockets.AddRange([near, far]);
                await far.ConnectAsync(IPAddress.Loopback, port);
                _ = CopyAsync(near, far);
                _ = CopyAsync(far, near);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
                await to.SendAsync(buffer.AsMemory(0, count));
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }
}
