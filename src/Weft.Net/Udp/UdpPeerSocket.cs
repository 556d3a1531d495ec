using Weft.Net.Native;

namespace Weft.Net.Udp;

/// <summary>Hears what a <see cref="UdpPeerSocket"/> receives. Loop thread.</summary>
public interface IUdpPeerHandler
{
    /// <summary>Valid during the call.</summary>
    void OnDatagram(ReadOnlySpan<byte> data);

    /// <summary>Datagrams were longer than is taken.</summary>
    void OnDropped(long count);

    /// <summary>For example ECONNREFUSED: nobody listens there.</summary>
    void OnReceiveError(int errno);
}

/// <summary>A UDP socket that is connected to one peer, so that it hears of nobody else. Loop thread.</summary>
public sealed unsafe class UdpPeerSocket : DatagramReceiver
{
    private readonly IUdpPeerHandler _handler;

    private UdpPeerSocket(EventLoop loop, int fd, IUdpPeerHandler handler, int maxDatagramBytes) : base(fd)
    {
        _handler = handler;
        MaxDatagramBytes = maxDatagramBytes;
        Watch(loop);
    }

    /// <summary>Our end.</summary>
    public NetAddress LocalAddress => SocketAddress.OfSocket(Descriptor);

    /// <summary>Null, with the errno, when the system refuses.</summary>
    /// <param name="loop">Where it lives.</param>
    /// <param name="remote">An IP address.</param>
    /// <param name="options">Where to come from; of a connection's other options the socket's own count.</param>
    /// <param name="maxDatagramBytes">Longest datagram that is taken.</param>
    /// <param name="handler">Hears what comes.</param>
    /// <param name="errno">0, or why not.</param>
    public static UdpPeerSocket? Connect(EventLoop loop, NetAddress remote, ConnectOptions options, int maxDatagramBytes, IUdpPeerHandler handler, out int errno)
    {
        var fd = SocketSetup.OpenSocket(remote, Sock.Datagram);
        if (fd < 0)
        {
            errno = Libc.LastError;
            return null;
        }

        errno = SocketSetup.ConfigureDatagrams(fd, options);
        if (errno == 0)
            errno = SocketSetup.StartConnect(fd, remote);
        if (errno == 0)
            return new UdpPeerSocket(loop, fd, handler, maxDatagramBytes);
        _ = Libc.close(fd);
        return null;
    }

    /// <summary>This process may send from addresses that are not this host's (IP_TRANSPARENT, which needs CAP_NET_ADMIN).</summary>
    public static bool CanBindElsewhere()
    {
        var fd = Libc.socket(Sock.FamilyIPv4, Sock.Datagram | Sock.CloseOnExec, 0);
        if (fd < 0)
            return false;
        var errno = SocketSetup.SetInt(fd, Sock.LevelIP, Sock.IPTransparent, 1);
        _ = Libc.close(fd);
        return errno == 0;
    }

    /// <summary>Sends one datagram; false when the kernel did not take it.</summary>
    public bool Send(ReadOnlySpan<byte> data)
    {
        if (IsClosed)
            return false;
        fixed (byte* start = data)
            return Libc.send(Descriptor, start, (nuint)data.Length, Sock.NoSignal) >= 0;
    }

    private protected override void FailReceive(int errno) => _handler.OnReceiveError(errno);

    private protected override void Deliver(DatagramBatch batch, int index)
    {
        if (batch.IsTruncated(index))
            _handler.OnDropped(1);
        else
            _handler.OnDatagram(batch.Data(index));
    }
}
