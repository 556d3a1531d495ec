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
public sealed unsafe class UdpPeerSocket : IEventHandler, IReadyWork, IDisposable
{
    private const int MaxBatchesPerTurn = 4;

    private readonly EventLoop _loop;
    private readonly IUdpPeerHandler _handler;
    private readonly int _fd;
    private readonly int _maxDatagramBytes;
    private readonly EventRegistration _registration;
    private bool _isReady;
    private bool _isClosed;

    private UdpPeerSocket(EventLoop loop, int fd, IUdpPeerHandler handler, int maxDatagramBytes)
    {
        (_loop, _fd, _handler, _maxDatagramBytes) = (loop, fd, handler, maxDatagramBytes);
        _registration = loop.Register(fd, this);
    }

    /// <summary>Our end.</summary>
    public NetAddress LocalAddress => SocketAddress.OfSocket(_fd);

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
        if (_isClosed)
            return false;
        fixed (byte* start = data)
            return Libc.send(_fd, start, (nuint)data.Length, Sock.NoSignal) >= 0;
    }

    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _registration.Unregister();
        _ = Libc.close(_fd);
    }

    void IEventHandler.OnEvents(uint epollEvents)
    {
        if ((epollEvents & ~Epoll.Out) != 0)
            ReceiveAvailable();
    }

    void IReadyWork.OnReady()
    {
        _isReady = false;
        ReceiveAvailable();
    }

    private void ReceiveAvailable()
    {
        var batch = _loop.Datagrams;
        for (var batches = 0; batches < MaxBatchesPerTurn && !_isClosed; batches++)
        {
            var count = batch.Receive(_fd, _maxDatagramBytes);
            if (count < 0)
                _handler.OnReceiveError(-count);
            if (count <= 0)
                return;
            for (var i = 0; i < count && !_isClosed; i++)
            {
                if (batch.IsTruncated(i))
                    _handler.OnDropped(1);
                else
                    _handler.OnDatagram(batch.Data(i));
            }
        }

        if (_isReady || _isClosed)
            return;
        _isReady = true;
        _loop.AddReady(this);
    }
}
