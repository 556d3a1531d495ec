using Weft.Net.Native;

namespace Weft.Net;

/// <content>How a connection comes to be: connect, or taken over from accept.</content>
public sealed partial class Connection
{
    private const int NoFd = -1;

    private ConnectRace? _race;

    /// <summary>The source address that options ask for could not be had.</summary>
    public bool HasFailedToBind { get; private init; }

    /// <summary>Starts an outgoing connection; the handler hears OnConnected or OnClosed (never from within this call).</summary>
    /// <param name="loop">The loop it lives on; called on its thread.</param>
    /// <param name="remote">Where to.</param>
    /// <param name="connectTimeoutMs">Time to be established in; 0 for the system's own limit.</param>
    /// <param name="handler">Hears what happens.</param>
    /// <param name="options">Socket options, source address; null for none.</param>
    /// <param name="transport">What stands between socket and handler; the connect timeout covers its handshake too. Null: nothing.</param>
    /// <param name="others">Addresses of the same peer, tried while <paramref name="remote"/> does not answer; null for none.</param>
    public static Connection Connect(
        EventLoop loop, NetAddress remote, long connectTimeoutMs, IConnectionHandler handler, ConnectOptions? options = null, Transport? transport = null, IReadOnlyList<NetAddress>? others = null)
    {
        if (remote.Kind == NetAddressKind.Internal)
            return ConnectWithin(loop, remote, connectTimeoutMs, handler, transport);
        var fd = SocketSetup.Open(remote, options, out var errno, out var atBind);
        var connection = new Connection(loop, fd, remote, handler, isOutgoing: true) { HasFailedToBind = atBind };
        if (transport is not null)
            connection.Use(transport);
        if (connectTimeoutMs > 0)
            connection.ArmTimer(connectTimeoutMs);
        if (errno == 0)
            errno = connection.StartConnect();
        if (others is { Count: > 0 })
            connection._race = new ConnectRace(connection, others, options);
        if (errno != 0 && !connection.GoesOnElsewhere())
        {
            connection.LastError = errno;
            connection.AddReady();
        }
        return connection;
    }

    /// <summary>Wraps a just accepted socket; it is watched only after <see cref="StartAccepted"/>.</summary>
    internal static Connection FromAccept(EventLoop loop, int fd, NetAddress remote) =>
        new(loop, fd, remote, NoHandler.Instance, isOutgoing: false);

    /// <summary>Gives an accepted connection its handler and begins to read, unless the handler's maker has closed it already.</summary>
    internal void StartAccepted(IConnectionHandler handler)
    {
        _handler = handler;
        if (_state == State.Closed)
            return;
        if (_inner is not null)
        {
            _inner.Owner = this;
            // What came before has told nobody.
            OnUserSpaceEvents(Epoll.In);
            return;
        }

        _registration = _loop.TryRegister(_fd, this, first: false, out var errno);
        if (errno != 0)
            FailWrite(errno);
    }

    /// <summary>A rival of the first address has answered: its socket is this connection's from here on.</summary>
    internal void Adopt(int fd, NetAddress remote)
    {
        DropSocket();
        _fd = fd;
        RemoteAddress = remote;
        _localAddress = default;
        // Being writable already it makes an event, which goes on as if this had been the first address.
        _registration = _loop.TryRegister(fd, this, first: true, out var errno);
        if (errno != 0)
            Finish(CloseReason.ConnectFailed, errno);
    }

    /// <summary>The last rival has failed; the first address may still answer.</summary>
    internal void OnRivalsFailed(int errno)
    {
        if (_fd == NoFd)
            Finish(CloseReason.ConnectFailed, errno);
    }

    private int StartConnect()
    {
        var errno = SocketSetup.StartConnect(_fd, RemoteAddress);
        if (errno == 0)
            _registration = _loop.TryRegister(_fd, this, first: true, out errno);
        return errno;
    }

    /// <summary>The first address has failed; true when others are tried.</summary>
    private bool GoesOnElsewhere()
    {
        if (_race is not { } race || !race.GoesOn())
            return false;
        DropSocket();
        return true;
    }

    private void DropSocket()
    {
        _registration.Forget();
        if (_fd != NoFd)
            _ = Libc.close(_fd);
        _fd = NoFd;
    }

    /// <summary>False when there is nothing to read on: still connecting, failed, or closed by the handler.</summary>
    private bool FinishConnect(uint events)
    {
        if ((events & (Epoll.Error | Epoll.HangUp)) != 0)
        {
            var errno = PendingError();
            if (errno != 0)
            {
                if (!GoesOnElsewhere())
                    Finish(CloseReason.ConnectFailed, errno);
                return false;
            }
        }
        if ((events & Epoll.Out) == 0)
            return false;
        EndRace();
        ConnectedUs = _loop.NowUs;
        if (_transport is not null)
        {
            _state = State.Securing;
            return ContinueHandshake();
        }
        BecomeOpen();
        return _state != State.Closed;
    }

    private void EndRace()
    {
        _race?.End();
        _race = null;
    }

    private void BecomeOpen()
    {
        _timer?.Cancel();
        _timer = null;
        _state = State.Open;
        if (_transport is not null)
            SecuredUs = _loop.NowUs;
        if (HasPendingOutput)
            AddFlush();
        if (_isOutgoing)
            _handler.OnConnected();
        else
            WhenSecured?.Invoke();
    }

    private void ArmTimer(long delayMs)
    {
        _timer ??= new LoopTimer(_loop, OnTimer);
        _timer.Arm(delayMs);
    }

    private void OnTimer()
    {
        if (_state is State.Connecting or State.Securing)
            Finish(CloseReason.ConnectTimeout, Errno.TimedOut);
        else
            FinishLingering();
    }

    private void FinishLingering()
    {
        HasLingeredTooLong = _endsWrite && LingerMs > 0;
        Finish(CloseReason.Local, 0);
    }
}
