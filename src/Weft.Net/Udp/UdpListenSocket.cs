using Weft.Net.Native;

namespace Weft.Net.Udp;

/// <summary>Takes the datagrams of a <see cref="UdpListenSocket"/>. Loop thread.</summary>
public interface IUdpListenHandler
{
    /// <param name="socket">Where to answer.</param>
    /// <param name="from">Who sent it.</param>
    /// <param name="to">The address and port it was sent to.</param>
    /// <param name="data">Valid during the call.</param>
    void OnDatagram(UdpListenSocket socket, NetAddress from, NetAddress to, ReadOnlySpan<byte> data);

    /// <summary>Datagrams were lost: the kernel had no room for them, or they were too long.</summary>
    void OnDropped(long count);

    void OnReceiveError(int errno);
}

/// <summary>
/// A bound UDP socket: made on the main thread, so that bind errors are configuration errors, then used on a loop. Answers leave from the address that
/// the question was sent to.
/// </summary>
public sealed unsafe class UdpListenSocket : DatagramReceiver
{
    private readonly bool _isIPv6;
    private IUdpListenHandler? _handler;
    private uint _drops;

    private UdpListenSocket(int fd) : base(fd)
    {
        LocalAddress = SocketAddress.OfSocket(fd);
        _isIPv6 = LocalAddress.Kind == NetAddressKind.IPv6;
    }

    /// <summary>The bound address; its port is the kernel's choice when 0 was asked for.</summary>
    public NetAddress LocalAddress { get; }

    /// <exception cref="NetException">A system call failed; Errno tells why.</exception>
    public static UdpListenSocket Bind(NetAddress address, ListenOptions options)
    {
        var fd = SocketSetup.OpenSocket(address, Sock.Datagram);
        if (fd < 0)
            throw new NetException("socket", Libc.LastError);
        try
        {
            SetOptions(fd, address.Kind == NetAddressKind.IPv6, options);
            Check("bind", SocketSetup.Bind(fd, address));
            return new UdpListenSocket(fd);
        }
        catch
        {
            _ = Libc.close(fd);
            throw;
        }
    }

    /// <summary>A bound socket that another process has handed over, with the datagrams that wait in it.</summary>
    public static UdpListenSocket FromDescriptor(int descriptor) => new(descriptor);

    /// <summary>Begins to receive on a loop. Loop thread.</summary>
    /// <exception cref="NetException">The loop cannot watch it (no memory).</exception>
    public void Start(EventLoop loop, IUdpListenHandler handler)
    {
        _handler = handler;
        Watch(loop);
    }

    /// <summary>From now on datagrams are another handler's. Loop thread, after <see cref="Start"/>.</summary>
    public void HandTo(IUdpListenHandler handler) => _handler = handler;

    /// <summary>Sends one datagram; false when the kernel did not take it.</summary>
    /// <param name="from">An address of this host; its port does not count.</param>
    /// <param name="to">Whom to.</param>
    /// <param name="data">The datagram.</param>
    public bool Send(NetAddress from, NetAddress to, ReadOnlySpan<byte> data)
    {
        if (IsClosed)
            return false;
        var address = stackalloc byte[SocketAddress.MaxBytes];
        var control = stackalloc byte[ControlMessage.MaxBytes];
        fixed (byte* start = data)
        {
            var vector = new IoVector { Base = start, Length = (nuint)data.Length };
            var header = new MessageHeader { Name = address, NameLength = WriteAddress(to, address), Vectors = &vector, VectorCount = 1 };
            if (!from.IsAny && from.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6)
            {
                header.Control = control;
                header.ControlLength = (nuint)ControlMessage.WriteSource(control, from, _isIPv6);
            }

            return Libc.sendmsg(Descriptor, &header, Sock.NoSignal) >= 0;
        }
    }

    private protected override void FailReceive(int errno) => _handler!.OnReceiveError(errno);

    private protected override void Deliver(DatagramBatch batch, int index)
    {
        var drops = _drops;
        var to = batch.To(index, ref drops);
        if (drops != _drops)
            _handler!.OnDropped(unchecked(drops - _drops));
        _drops = drops;
        if (batch.IsTruncated(index))
            _handler!.OnDropped(1);
        else
            _handler!.OnDatagram(this, batch.From(index), to.Kind == NetAddressKind.None ? LocalAddress : to.WithPort(LocalAddress.Port), batch.Data(index));
    }

    private uint WriteAddress(NetAddress to, byte* address)
    {
        var bytes = new Span<byte>(address, SocketAddress.MaxBytes);
        if (!_isIPv6 || to.Kind != NetAddressKind.IPv4)
            return SocketAddress.Write(to, bytes);
        // An IPv4 client of a socket for both.
        Span<byte> mapped = stackalloc byte[16];
        mapped.Clear();
        mapped[10] = mapped[11] = 0xFF;
        to.TryWriteIP(mapped[12..]);
        return SocketAddress.WriteIPv6(mapped, to.Port, bytes);
    }

    private static void SetOptions(int fd, bool isIPv6, ListenOptions options)
    {
        SetInt(fd, "SO_REUSEADDR", Sock.LevelSocket, Sock.ReuseAddress);
        if (options.ReusePort)
            SetInt(fd, "SO_REUSEPORT", Sock.LevelSocket, Sock.ReusePort);
        if (isIPv6)
            Check("setsockopt IPV6_V6ONLY", SocketSetup.SetInt(fd, Sock.LevelIPv6, Sock.IPv6Only, options.IPv4Compat ? 0 : 1));
        if (options.FreeBind)
            SetInt(fd, "IP_FREEBIND", isIPv6 ? Sock.LevelIPv6 : Sock.LevelIP, isIPv6 ? Sock.IPv6FreeBind : Sock.IPFreeBind);
        if (options.Transparent)
            SetInt(fd, "IP_TRANSPARENT", isIPv6 ? Sock.LevelIPv6 : Sock.LevelIP, isIPv6 ? Sock.IPv6Transparent : Sock.IPTransparent);
        SetInt(fd, "IP_PKTINFO", isIPv6 ? Sock.LevelIPv6 : Sock.LevelIP, isIPv6 ? Sock.IPv6ReceivePacketInfo : Sock.IPPacketInfo);
        SetInt(fd, "SO_RXQ_OVFL", Sock.LevelSocket, Sock.ReceiveOverflow);
        foreach (var option in options.SocketOptions)
            Check($"setsockopt {option.Level}/{option.Name}", SocketSetup.Set(fd, option));
    }

    private static void SetInt(int fd, string text, int level, int name) => Check($"setsockopt {text}", SocketSetup.SetInt(fd, level, name, 1));

    private static void Check(string operation, int errno)
    {
        if (errno != 0)
            throw new NetException(operation, errno);
    }
}
