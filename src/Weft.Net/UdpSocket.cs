using Weft.Net.Native;

namespace Weft.Net;

/// <summary>Takes datagrams; the span is valid only during the call. Loop thread.</summary>
public interface IDatagramHandler
{
    void OnDatagram(NetAddress from, ReadOnlySpan<byte> data);
}

/// <summary>A UDP socket on a loop (DNS, statsd). Loop thread only.</summary>
public sealed unsafe class UdpSocket : IEventHandler, IReadyWork, IDisposable
{
    private const int MaxReadsPerTurn = 64;

    /// <summary>Numbers that SO_MEMINFO gives, and which of them counts what was dropped (linux/sock_diag.h).</summary>
    private const int MemoryInfoNumbers = 9;
    private const int MemoryInfoDrops = 8;

    private readonly EventLoop _loop;
    private readonly IDatagramHandler _handler;
    private readonly int _fd;
    private readonly EventRegistration _registration;
    private bool _isReady;
    private bool _isClosed;

    private UdpSocket(EventLoop loop, int fd, IDatagramHandler handler)
    {
        _loop = loop;
        _fd = fd;
        _handler = handler;
        LocalAddress = SocketAddress.OfSocket(fd);
        _registration = loop.Register(fd, this);
    }

    public NetAddress LocalAddress { get; }

    /// <summary>errno of the last <see cref="Send"/> that failed; 0 when none has.</summary>
    public int LastError { get; private set; }

    /// <summary>Datagrams that came while as much waited as the system lets wait, and were lost; since the socket was made, modulo 2^32. 0 when the system does not tell.</summary>
    public uint Lost
    {
        get
        {
            var numbers = stackalloc uint[MemoryInfoNumbers];
            uint length = MemoryInfoNumbers * sizeof(uint);
            return !_isClosed && Libc.getsockopt(_fd, Sock.LevelSocket, Sock.MemoryInfo, numbers, &length) == 0 && length > MemoryInfoDrops * sizeof(uint) ? numbers[MemoryInfoDrops] : 0;
        }
    }

    /// <param name="receiveBufferBytes">How much may wait to be read, as far as the system allows it; 0: the system's default.</param>
    /// <exception cref="NetException">bind failed; Errno tells why.</exception>
    public static UdpSocket Bind(EventLoop loop, NetAddress local, IDatagramHandler handler, int receiveBufferBytes = 0)
    {
        var fd = SocketSetup.OpenSocket(local, Sock.Datagram);
        if (fd < 0)
            throw new NetException("socket", Libc.LastError);
        // Beyond the system's limit only where privileges allow it.
        if (receiveBufferBytes > 0 && SocketSetup.SetInt(fd, Sock.LevelSocket, Sock.ReceiveBufferForce, receiveBufferBytes) != 0)
            _ = SocketSetup.SetInt(fd, Sock.LevelSocket, Sock.ReceiveBuffer, receiveBufferBytes);
        var errno = SocketSetup.Bind(fd, local);
        if (errno == 0)
            return new UdpSocket(loop, fd, handler);
        _ = Libc.close(fd);
        throw new NetException("bind", errno);
    }

    /// <summary>Sends one datagram; false when the kernel did not take it.</summary>
    public bool Send(NetAddress to, ReadOnlySpan<byte> data)
    {
        if (_isClosed)
            return false;
        var address = stackalloc byte[SocketAddress.MaxBytes];
        var length = SocketAddress.Write(to, new Span<byte>(address, SocketAddress.MaxBytes));
        fixed (byte* start = data)
        {
            if (length > 0 && Libc.sendto(_fd, start, (nuint)data.Length, Sock.NoSignal, address, length) >= 0)
                return true;
        }
        LastError = length > 0 ? Libc.LastError : Errno.NameTooLong;
        return false;
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
            ReadAvailable();
    }

    void IReadyWork.OnReady()
    {
        _isReady = false;
        ReadAvailable();
    }

    private void ReadAvailable()
    {
        var address = stackalloc byte[SocketAddress.MaxBytes];
        for (var reads = 0; reads < MaxReadsPerTurn && !_isClosed; reads++)
        {
            uint length = SocketAddress.MaxBytes;
            var count = (int)Libc.recvfrom(_fd, _loop.Scratch, EventLoop.ScratchBytes, 0, address, &length);
            if (count >= 0)
                _handler.OnDatagram(SocketAddress.Read(new ReadOnlySpan<byte>(address, SocketAddress.MaxBytes), length), new ReadOnlySpan<byte>(_loop.Scratch, count));
            else if (Libc.LastError == Errno.Again)
                return;
        }
        if (_isReady || _isClosed)
            return;
        _isReady = true;
        _loop.AddReady(this);
    }
}
