using System.Net;
using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>Passes bytes between a client and a port, and cuts the connection in the middle of what it passes back when it is told to.</summary>
internal sealed class CuttingRelay : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private long _left = long.MaxValue;
    private int _cuts;

    public CuttingRelay(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Connections cut so far.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>After so many more bytes back to a client its connection ends; later connections are left alone.</summary>
    public void CutAfter(long bytes) => Volatile.Write(ref _left, bytes);

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target);
                var forth = client.GetStream().CopyToAsync(server.GetStream());
                var back = PassBackAsync(server.GetStream(), client.GetStream());
                await Task.WhenAny(forth, back);
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                // Either side has gone: so does the other.
            }
        }
    }

    private async Task PassBackAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[4096];
        while (await from.ReadAsync(buffer) is > 0 and var count)
        {
            var left = Volatile.Read(ref _left);
            if (left != long.MaxValue && (left -= count) < 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, (int)(left + count)));
                Volatile.Write(ref _left, long.MaxValue);
                Interlocked.Increment(ref _cuts);
                return;
            }

            if (left != long.MaxValue)
                Volatile.Write(ref _left, left);
            await to.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
