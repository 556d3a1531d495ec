using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Proxy.Tests.Tracing;

/// <summary>An upstream whose answer's body is the head of the request.</summary>
internal sealed class Echo : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public Echo()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>More headers of the answer, each with its line end.</summary>
    public string ResponseHeaders { get; set; } = "";

    /// <summary>Requests are read, and the connection is closed.</summary>
    public bool ClosesWithoutAnswer { get; set; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            var text = new StringBuilder();
            var buffer = new byte[16 * 1024];
            try
            {
                while (await socket.ReceiveAsync(buffer) is > 0 and var count)
                {
                    text.Append(Encoding.Latin1.GetString(buffer, 0, count));
                    if (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                        continue;
                    if (ClosesWithoutAnswer)
                        return;
                    await socket.SendAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\ncontent-length: {text.Length}\r\n{ResponseHeaders}\r\n{text}"));
                    text.Clear();
                }
            }
            catch (SocketException)
            {
            }
        }
    }
}
