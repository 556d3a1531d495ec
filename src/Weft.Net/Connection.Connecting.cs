using Weft.Net.Native;

namespace Weft.Net;

/// <content>How a connection comes to be: connect, or taken over from accept.</content>
public sealed partial class Connection
{
    private const int NoFd = -1;

    /// <summary>Starts an outgoing connection; the handler hears OnConnected or OnClosed (never from within this call).</summary>
    /// <param name="loop">The loop it lives on; called on its thread.</param>
    /// <param name="remote">Where to.</param>
    /// <param name="connectTimeoutMs">Time to be established in; 0 for the system's own limit.</param>
    /// <param name="handler">Hears what happens.</param>
    /// <param name="options">Socket options, source address; null for none.</param>
    /// <param name="transport">What stands between socket and handler; the connect timeout covers its handshake too. Null: nothing.</param>
    public static Connection Connect(EventLoop loop, NetAddress remote, long connectTimeoutMs, IConnectionHandler handler, ConnectOptions? options = null, Transport? transport = null)
    {
        var fd = SocketSetup.Open(remote, options, out var errno);
        var connection = new Connection(loop, fd, remote, handler, isOutgoing: true);
        if (transport is not null)
            connection.Use(transport);
        if (errno == 0)
            errno = connection.StartConnect(connectTimeoutMs);
        if (errno != 0)
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
        _registration = _loop.TryRegister(_fd, this, first: false, out var errno);
        if (errno != 0)
            FailWrite(errno);
    }

    private unsafe int StartConnect(long connectTimeoutMs)
    {
        var address = stackalloc byte[SocketAddress.MaxBytes];
        var length = SocketAddress.Write(RemoteAddress, new Span<byte>(address, SocketAddress.MaxBytes));
        if (length == 0)
            return Errno.NameTooLong;
        if (Libc.connect(_fd, address, length) < 0)
        {
            var errno = Libc.LastError;
            if (errno != Errno.InProgress)
                return errno;
        }
        _registration = _loop.TryRegister(_fd, this, first: true, out var registerErrno);
        if (registerErrno == 0 && connectTimeoutMs > 0)
            ArmTimer(connectTimeoutMs);
        return registerErrno;
    }

    /// <summary>False when there is nothing to read on: still connecting, failed, or closed by the handler.</summary>
    private bool FinishConnect(uint events)
    {
        if ((events & (Epoll.Error | Epoll.HangUp)) != 0)
        {
            var errno = SocketSetup.PendingError(_fd);
            if (errno != 0)
            {
                Finish(CloseReason.ConnectFailed, errno);
                return false;
            }
        }
        if ((events & Epoll.Out) == 0)
            return false;
        if (_transport is not null)
        {
            _state = State.Securing;
            return ContinueHandshake();
        }
        BecomeOpen();
        return _state != State.Closed;
    }

    private void BecomeOpen()
    {
        _timer?.Cancel();
        _timer = null;
        _state = State.Open;
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
            Finish(CloseReason.Local, 0);
    }
}
