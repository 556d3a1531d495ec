using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Proxy.Tests.AccessLogs.Grpc;

/// <summary>Takes requests whose bodies do not end, in chunks, and reads the gRPC messages in them as they come.</summary>
internal sealed class StreamReceiver : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _sockets = [];
    private readonly List<List<byte>> _received = [];

    public StreamReceiver()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The messages of every stream so far, in order.</summary>
    public List<List<byte[]>> Streams
    {
        get
        {
            lock (_received)
                return [.. _received.Select(bytes => Messages([.. bytes]))];
        }
    }

    /// <summary>The head of the first request.</summary>
    public string Head
    {
        get
        {
            lock (_received)
                return Encoding.Latin1.GetString([.. _received[0]]).Split("\r\n\r\n")[0];
        }
    }

    /// <summary>Closes all connections.</summary>
    public void Drop()
    {
        lock (_received)
        {
            foreach (var socket in _sockets)
                socket.Dispose();
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Drop();
    }

    private static List<byte[]> Messages(byte[] received)
    {
        var messages = new List<byte[]>();
        var body = Body(received);
        while (body.Length >= 5 && BinaryPrimitives.ReadUInt32BigEndian(body[1..]) is var length && body.Length >= 5 + length)
        {
            messages.Add(body[5..(int)(5 + length)].ToArray());
            body = body[(int)(5 + length)..];
        }

        return messages;
    }

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> received)
    {
        if (received.IndexOf("\r\n\r\n"u8) is not (>= 0 and var head))
            return [];
        var body = new List<byte>();
        var rest = received[(head + 4)..];
        while (rest.IndexOf("\r\n"u8) is > 0 and var end)
        {
            var size = int.Parse(Encoding.ASCII.GetString(rest[..end]), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0 || rest.Length < end + 2 + size + 2)
                break;
            body.AddRange(rest.Slice(end + 2, size));
            rest = rest[(end + 2 + size + 2)..];
        }

        return body.ToArray();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                var bytes = new List<byte>();
                lock (_received)
                {
                    _sockets.Add(socket);
                    _received.Add(bytes);
                }

                _ = ReceiveAsync(socket, bytes);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ReceiveAsync(Socket socket, List<byte> bytes)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var count)
            {
                lock (_received)
                    bytes.AddRange(buffer[..count]);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
        }
    }
}
