using Weft.Net.Native;

namespace Weft.Net;

/// <summary>
/// Happy Eyeballs (RFC 8305 section 5): while a connection's first address does not answer, the others are tried beside it, one each
/// 300 ms, or at once when one fails; the first that answers becomes the connection. Loop thread.
/// </summary>
internal sealed class ConnectRace
{
    private const int AttemptDelayMs = 300;

    private readonly Connection _connection;
    private readonly IReadOnlyList<NetAddress> _others;
    private readonly ConnectOptions? _options;
    private readonly LoopTimer _timer;
    private readonly List<Rival> _rivals = [];
    private int _next;

    public ConnectRace(Connection connection, IReadOnlyList<NetAddress> others, ConnectOptions? options)
    {
        (_connection, _others, _options) = (connection, others, options);
        _timer = new LoopTimer(connection.Loop, StartNext);
        _timer.Arm(AttemptDelayMs);
    }

    /// <summary>After an attempt has failed: true when another one is under way.</summary>
    public bool GoesOn()
    {
        if (_next < _others.Count)
            StartNext();
        return _rivals.Count > 0;
    }

    /// <summary>There is a winner, or nobody wants one any more.</summary>
    public void End()
    {
        _timer.Cancel();
        _next = _others.Count;
        foreach (var rival in _rivals)
            rival.Close();
        _rivals.Clear();
    }

    private void StartNext()
    {
        _timer.Cancel();
        while (_next < _others.Count)
        {
            var address = _others[_next++];
            var fd = SocketSetup.Open(address, _options, out var errno, out _);
            if (errno != 0)
                continue;
            var rival = new Rival(this, fd, address);
            if (rival.Start(_connection.Loop))
            {
                _rivals.Add(rival);
                if (_next < _others.Count)
                    _timer.Arm(AttemptDelayMs);
                return;
            }
        }
    }

    private void OnFailed(Rival rival, int errno)
    {
        rival.Close();
        _rivals.Remove(rival);
        if (!GoesOn())
            _connection.OnRivalsFailed(errno);
    }

    private void OnAnswered(Rival rival)
    {
        _rivals.Remove(rival);
        End();
        _connection.Adopt(rival.Release(), rival.Address);
    }

    /// <summary>An attempt at another address.</summary>
    private sealed class Rival(ConnectRace race, int fd, NetAddress address) : IEventHandler, IDisposable
    {
        private EventRegistration _registration;
        private bool _isClosed;

        public NetAddress Address => address;

        public bool Start(EventLoop loop)
        {
            var errno = SocketSetup.StartConnect(fd, address);
            if (errno == 0)
                _registration = loop.TryRegister(fd, this, first: true, out errno);
            if (errno != 0)
                _ = Libc.close(fd);
            return errno == 0;
        }

        public void Close()
        {
            if (_isClosed)
                return;
            _isClosed = true;
            _registration.Unregister();
            _ = Libc.close(fd);
        }

        /// <summary>The loop ends.</summary>
        public void Dispose() => Close();

        /// <summary>Gives the socket away.</summary>
        public int Release()
        {
            _registration.Unregister();
            return fd;
        }

        void IEventHandler.OnEvents(uint epollEvents)
        {
            var errno = (epollEvents & (Epoll.Error | Epoll.HangUp)) != 0 ? SocketSetup.PendingError(fd) : 0;
            if (errno != 0)
                race.OnFailed(this, errno);
            else if ((epollEvents & Epoll.Out) != 0)
                race.OnAnswered(this);
        }
    }
}
