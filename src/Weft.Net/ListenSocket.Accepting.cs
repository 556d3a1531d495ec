using Weft.Net.Native;

namespace Weft.Net;

/// <content>Accepting on a loop.</content>
public sealed unsafe partial class ListenSocket : IEventHandler, IReadyWork
{
    /// <summary>What <see cref="MaxAcceptsPerTurn"/> is when nothing else was said.</summary>
    public const int DefaultMaxAcceptsPerTurn = 64;

    /// <summary>After descriptors ran out: time for some to be closed.</summary>
    private const int ExhaustedPauseMs = 100;

    private EventLoop? _loop;
    private IAcceptHandler? _handler;
    private EventRegistration _registration;
    private LoopTimer? _exhausted;
    private bool _isPaused;
    private bool _isReady;
    private bool _hasUnaccepted;
    private bool _isClosed;

    /// <summary>Accepts up to this many per turn; default 64 (max_connections_to_accept_per_socket_event).</summary>
    public int MaxAcceptsPerTurn { get; set; } = DefaultMaxAcceptsPerTurn;

    /// <summary>Begins accepting on <paramref name="loop"/>. Loop thread. Accepted sockets are non-blocking, close-on-exec, TCP_NODELAY.</summary>
    /// <exception cref="NetException">The loop cannot watch it (no memory).</exception>
    public void Start(EventLoop loop, IAcceptHandler handler)
    {
        _loop = loop;
        _handler = handler;
        _exhausted = new LoopTimer(loop, AddReady);
        _registration = loop.Register(_fd, this);
    }

    /// <summary>From now on accepted connections are another handler's. Loop thread, after <see cref="Start"/>.</summary>
    public void HandTo(IAcceptHandler handler) => _handler = handler;

    /// <summary>Stops accepting, keeps the socket bound (loop thread); the kernel goes on queueing connections up to the backlog.</summary>
    public void Pause() => _isPaused = true;

    public void Resume()
    {
        _isPaused = false;
        if (_hasUnaccepted)
            AddReady();
    }

    /// <summary>Accepts all that the kernel has queued, which closing would reset. Loop thread, after <see cref="Start"/>.</summary>
    public void AcceptQueued()
    {
        while (!_isPaused && !_isClosed && AcceptOne())
        {
        }
    }

    /// <summary>Closes it; accepted connections live on. Loop thread once started.</summary>
    public void Dispose()
    {
        if (_isClosed)
            return;
        _isClosed = true;
        _exhausted?.Cancel();
        // A duplicate may keep the kernel's socket open, and with it the registration.
        _registration.Unregister();
        _ = Libc.close(_fd);
    }

    void IEventHandler.OnEvents(uint epollEvents) => AcceptAvailable();

    void IReadyWork.OnReady()
    {
        _isReady = false;
        AcceptAvailable();
    }

    private void AddReady()
    {
        if (_isReady || _isClosed)
            return;
        _isReady = true;
        _loop!.AddReady(this);
    }

    private void AcceptAvailable()
    {
        _hasUnaccepted = true;
        var accepted = 0;
        while (!_isPaused && !_isClosed && accepted < MaxAcceptsPerTurn && AcceptOne())
            accepted++;
        if (accepted > 0)
            _handler!.OnAccepted(accepted);
        if (accepted == MaxAcceptsPerTurn)
            AddReady();
    }

    /// <summary>False when there is none, or none can be accepted now.</summary>
    private bool AcceptOne()
    {
        var buffer = stackalloc byte[SocketAddress.MaxBytes];
        uint length = SocketAddress.MaxBytes;
        var fd = Libc.accept4(_fd, buffer, &length, Sock.NonBlock | Sock.CloseOnExec);
        if (fd < 0)
            return OnAcceptFailed(Libc.LastError);
        var remote = SocketAddress.Read(new ReadOnlySpan<byte>(buffer, SocketAddress.MaxBytes), length);
        if (_handler!.TryHandOver(out var loop, out var handler))
            loop.Post(() => Adopt(Connection.FromAccept(loop, fd, remote), handler));
        else
            AdoptHere(fd, remote);
        return true;
    }

    private void AdoptHere(int fd, NetAddress remote)
    {
        var adopted = false;
        try
        {
            adopted = Adopt(Connection.FromAccept(_loop!, fd, remote), _handler!);
        }
        finally
        {
            // Should the handler's maker have thrown: those queued behind this connection get no event of their own.
            if (!adopted)
                AddReady();
        }
    }

    /// <summary>Gives an accepted connection its handler; false when it was refused.</summary>
    internal static bool Adopt(Connection connection, IAcceptHandler acceptor)
    {
        IConnectionHandler? handler = null;
        try
        {
            handler = acceptor.OnAccept(connection);
        }
        finally
        {
            if (handler is null)
                connection.Close(CloseMode.Now);
        }

        if (handler is not null)
            connection.StartAccepted(handler);
        return handler is not null;
    }

    /// <summary>True when the next may be tried at once: this one was gone before we took it (ECONNABORTED and network errors of the new socket).</summary>
    private bool OnAcceptFailed(int errno)
    {
        switch (errno)
        {
            case Errno.Again:
                _hasUnaccepted = false;
                return false;
            case Errno.FilesExhausted or Errno.SystemFilesExhausted or Errno.NoBuffers or Errno.OutOfMemory:
                _exhausted!.Arm(ExhaustedPauseMs);
                _handler!.OnAcceptError(errno);
                return false;
            case Errno.Invalid:
                return false;
            default:
                return true;
        }
    }
}
