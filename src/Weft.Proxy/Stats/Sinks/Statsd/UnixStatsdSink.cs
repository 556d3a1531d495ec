using System.Net.Sockets;

namespace Weft.Proxy.Stats.Sinks.Statsd;

/// <summary>
/// Sends lines as datagrams to a Unix socket, as agents on the same machine have one. It is looked for at a flush when there is none; a receiver that is
/// not there, or does not read, loses them. Main thread.
/// </summary>
/// <param name="path">In the file system, or behind an @ in the abstract namespace.</param>
internal sealed class UnixStatsdSink(StatsdLines lines, string path, int maxDatagramBytes) : DatagramStatsdSink(lines, maxDatagramBytes)
{
    private readonly UnixDomainSocketEndPoint _to = new(path.StartsWith('@') ? "\0" + path[1..] : path);
    private Socket? _socket;

    public override void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    protected override bool BeginFlush()
    {
        if (_socket is not null)
            return true;
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(_to);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return false;
        }

        _socket = socket;
        return true;
    }

    protected override void SendDatagram(ReadOnlySpan<byte> datagram)
    {
        if (_socket is null)
            return;
        _ = _socket.Send(datagram, SocketFlags.None, out var error);
        // What does not fit now may fit the next time.
        if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.MessageSize or SocketError.NoBufferSpaceAvailable))
            Close();
    }
}
