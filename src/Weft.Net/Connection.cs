using Weft.Base.Buffers;
using Weft.Net.Native;
using Weft.Net.UserSpace;

namespace Weft.Net;

/// <summary>
/// A TCP or Unix stream socket on a loop, or one end of a connection within it, in the shape of completions: received bytes are handed to the handler, output
/// is appended and sent once at the end of the turn. Holds no buffer while idle. Loop thread only.
/// </summary>
/// <remarks>
/// The parts: connecting, reading (the only place that receives), writing (the only place that sends), closing. A
/// <see cref="Weft.Net.Transport"/> such as TLS goes between those two places and the handler. No member calls <see cref="IConnectionHandler.OnClosed"/> or hands out data
/// itself: both come from the loop.
/// </remarks>
public sealed partial class Connection : IEventHandler, IReadyWork
{
    /// <summary>Default of <see cref="HighWatermarkBytes"/>: 1 MiB.</summary>
    public const int DefaultHighWatermarkBytes = 1024 * 1024;

    private readonly EventLoop _loop;
    private int _fd;
    private IConnectionHandler _handler;
    private EventRegistration _registration;
    private NetAddress _localAddress;
    private State _state;
    private readonly bool _isOutgoing;
    private bool _isReady;
    private LoopTimer? _timer;
    private long _wireSent;
    private long _wireReceived;

    private Connection(EventLoop loop, int fd, NetAddress remote, IConnectionHandler handler, bool isOutgoing)
    {
        _loop = loop;
        _fd = fd;
        _handler = handler;
        _isOutgoing = isOutgoing;
        _state = isOutgoing ? State.Connecting : State.Open;
        RemoteAddress = remote;
        Output = new ByteQueue(loop.Buffers);
    }

    private Connection(EventLoop loop, UserSpaceSocket socket, NetAddress remote, IConnectionHandler handler, bool isOutgoing) : this(loop, NoFd, remote, handler, isOutgoing) =>
        _inner = socket;

    private enum State : byte
    {
        /// <summary>Outgoing, not established yet.</summary>
        Connecting,

        /// <summary>Established; the transport's handshake runs.</summary>
        Securing,

        Open,

        /// <summary>Closed by us with <see cref="CloseMode.Flush"/>: output is sent, input discarded.</summary>
        Closing,

        Closed,
    }

    public EventLoop Loop => _loop;

    /// <summary>Never null while open; a pooled connection changes hands by setting it.</summary>
    public IConnectionHandler Handler { get => _handler; set => _handler = value; }

    /// <summary>Our end; asked of the system at first use, and known after the close too.</summary>
    public NetAddress LocalAddress
    {
        get
        {
            if (_localAddress.Kind == NetAddressKind.None && _state != State.Closed)
                _localAddress = SocketAddress.OfSocket(_fd);
            return _localAddress;
        }
    }

    public NetAddress RemoteAddress { get; private set; }

    /// <summary>Where the peer wanted to go before the kernel sent it here (REDIRECT of iptables); false when it was not sent elsewhere, or nobody knows.</summary>
    public unsafe bool TryGetOriginalDestination(out NetAddress address)
    {
        address = default;
        if (_state == State.Closed || RemoteAddress.Kind is NetAddressKind.Unix or NetAddressKind.Internal)
            return false;
        var buffer = stackalloc byte[SocketAddress.MaxBytes];
        uint length = SocketAddress.MaxBytes;
        var level = LocalAddress.Kind == NetAddressKind.IPv6 ? Sock.LevelIPv6 : Sock.LevelIP;
        if (Libc.getsockopt(_fd, level, Sock.OriginalDestination, buffer, &length) != 0)
            return false;
        address = SocketAddress.Read(new ReadOnlySpan<byte>(buffer, SocketAddress.MaxBytes), length);
        return address.Kind != NetAddressKind.None;
    }

    /// <summary>The kernel gave it to a transparent socket (TPROXY): <see cref="LocalAddress"/> is where the peer wanted to go.</summary>
    public unsafe bool IsTransparent
    {
        get
        {
            if (_state == State.Closed || LocalAddress.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6))
                return false;
            int value;
            uint length = sizeof(int);
            var (level, name) = LocalAddress.Kind == NetAddressKind.IPv6 ? (Sock.LevelIPv6, Sock.IPv6Transparent) : (Sock.LevelIP, Sock.IPTransparent);
            return Libc.getsockopt(_fd, level, name, &value, &length) == 0 && value != 0;
        }
    }

    /// <summary>Established, with its transport's handshake done, and not closed by either side; false as soon as <see cref="Close"/> is called.</summary>
    public bool IsOpen => _state == State.Open;

    /// <summary>The peer has sent its FIN.</summary>
    public bool ReadEnded { get; private set; }

    /// <summary>errno of the failure that closed it; 0 when none.</summary>
    public int LastError { get; private set; }

    /// <summary>Bytes received so far; with a transport those behind it.</summary>
    public long BytesReceived => _transport is null ? _wireReceived : _openedBytes;

    /// <summary>Bytes sent so far; with a transport those before it, counted once they are sealed.</summary>
    public long BytesSent => _transport is null ? _wireSent : _sealedBytes;

    /// <summary>
    /// Output waiting to be sent: encoders may append to it directly, then call <see cref="ScheduleFlush"/>.
    /// </summary>
    public ByteQueue Output { get; }

    void IEventHandler.OnEvents(uint epollEvents)
    {
        if (_state == State.Connecting && !FinishConnect(epollEvents))
            return;
        if ((epollEvents & Epoll.Out) != 0)
            OnWritable();
        if ((epollEvents & ~Epoll.Out) != 0)
            OnReadable(epollEvents);
    }

    void IReadyWork.OnReady()
    {
        _isReady = false;
        if (_state == State.Closed)
            return;
        if (TryTakeInnerEvents(out var events))
            ((IEventHandler)this).OnEvents(events | Epoll.In);
        else if (_state == State.Connecting)
            Finish(CloseReason.ConnectFailed, LastError);
        else
            OnReadable(0);
    }

    private void AddReady()
    {
        if (_isReady)
            return;
        _isReady = true;
        _loop.AddReady(this);
    }
}
