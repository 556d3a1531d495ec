using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>TLS connections that have each made one request and stay open, for what an idle one takes of the proxy's memory.</summary>
internal sealed class TlsConnections : IDisposable
{
    private const int TurnMs = 20;

    private readonly List<SslStream> _streams = [];

    /// <summary>Opens them from another thread, while the loop serves as the proxy's backend.</summary>
    /// <exception cref="BenchException">The proxy answers with anything but 200.</exception>
    public void Open(EventLoop loop, int port, int count)
    {
        var opening = Task.Run(() => Open(port, count));
        while (!opening.IsCompleted)
            loop.RunTurn(TurnMs);
        opening.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        foreach (var stream in _streams)
            stream.Dispose();
    }

    private void Open(int port, int count)
    {
        var request = Encoding.ASCII.GetBytes($"GET /bytes/{Shape.SmallBytes} HTTP/1.1\r\nhost: {Shape.UsualHost}\r\n\r\n");
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
#pragma warning disable CA5359 // The certificate is the bench's own.
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
            _streams.Add(stream);
            stream.AuthenticateAsClient(Shape.UsualHost);
            stream.Write(request);
            ReadAnswer(stream);
        }
    }

    private static void ReadAnswer(SslStream stream)
    {
        var buffer = new byte[4096];
        var have = 0;
        int head;
        while ((head = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0 || have < head + 4 + Shape.SmallBytes)
        {
            var count = stream.Read(buffer, have, buffer.Length - have);
            if (count == 0)
                throw new BenchException("a TLS connection was closed instead of answered");
            have += count;
        }

        if (!buffer.AsSpan().StartsWith("HTTP/1.1 200"u8))
            throw new BenchException($"answered over TLS: {Encoding.Latin1.GetString(buffer, 0, head)}");
    }
}
