using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Weft.Net;

namespace Weft.Tests.XdsServer;

/// <summary>A gRPC client of ADS on a bare socket: it writes its requests, and reads only what it is told to.</summary>
internal sealed class UnreadingClient : IDisposable
{
    private const int FrameHeadBytes = 9;
    private const int MessageHeadBytes = 5;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 * 1024 };

    /// <param name="opensWindows">HTTP/2 lets the server send all it has, so that the socket is what stops it; else it is the stream's window of 64 KB.</param>
    public UnreadingClient(NetAddress server, bool isDelta, bool opensWindows)
    {
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, server.Port));
        Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        // SETTINGS: the initial window of streams; WINDOW_UPDATE: that of the connection.
        Frame(4, 0, 0, opensWindows ? [0, 4, 0x7f, 0xff, 0xff, 0xff] : []);
        if (opensWindows)
            Frame(8, 0, 0, [0x7f, 0, 0, 0]);
        var path = $"/envoy.service.discovery.v3.AggregatedDiscoveryService/{(isDelta ? "Delta" : "Stream")}AggregatedResources";
        // POST and http from the static table; the rest as literals: :path (4), :authority (1), content-type (31).
        byte[] head = [0x83, 0x86, .. Literal([0x04], path), .. Literal([0x01], "server"), .. Literal([0x0f, 0x10], "application/grpc"), .. Literal([0x00, 2, (byte)'t', (byte)'e'], "trailers")];
        Frame(1, 4, 1, head);
    }

    public void Send(IMessage request)
    {
        var body = new byte[MessageHeadBytes + request.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - MessageHeadBytes);
        request.WriteTo(body.AsSpan(MessageHeadBytes));
        Frame(0, 0, 1, body);
    }

    /// <param name="meanwhile">Lets the server go on.</param>
    public void Read(int bytes, Action meanwhile)
    {
        var buffer = new byte[64 * 1024];
        var watch = Stopwatch.StartNew();
        while (bytes > 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{bytes} bytes have not come");
            meanwhile();
            if (_socket.Available > 0)
                bytes -= _socket.Receive(buffer, Math.Min(bytes, buffer.Length), SocketFlags.None);
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Literal(byte[] name, string value) => [.. name, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private void Frame(byte type, byte flags, byte stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeadBytes + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4], frame[8]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, stream);
        payload.CopyTo(frame.AsSpan(FrameHeadBytes));
        Write(frame);
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        try
        {
            while (!data.IsEmpty)
                data = data[_socket.Send(data)..];
        }
        catch (SocketException e)
        {
            throw new IOException("the server has closed the connection", e);
        }
    }
}
