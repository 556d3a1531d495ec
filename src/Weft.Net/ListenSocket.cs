namespace Weft.Net;

/// <summary>Takes accepted connections.</summary>
public interface IAcceptHandler
{
    /// <summary>Makes the handler of a just accepted connection (loop thread). Returning null refuses it: it is closed at once.</summary>
    IConnectionHandler? OnAccept(Connection connection);

    /// <summary>accept failed because descriptors ran out; accepting pauses for a moment and goes on by itself.</summary>
    void OnAcceptError(int errno);
}

/// <summary>Options of a listening socket, all of Envoy's Listener fields of the same names.</summary>
public sealed record ListenOptions
{
    public bool ReusePort { get; init; } = true;

    public int Backlog { get; init; } = 4096;

    public bool FreeBind { get; init; }

    public bool Transparent { get; init; }

    /// <summary>For an IPv6 wildcard address: accept IPv4 too.</summary>
    public bool IPv4Compat { get; init; }

    public int FastOpenQueueLength { get; init; }

    public IReadOnlyList<SocketOption> SocketOptions { get; init; } = [];
}

/// <summary>A bound and listening socket; made on the main thread, so that bind errors are configuration errors, then accepted from on a loop.</summary>
public sealed class ListenSocket : IDisposable
{
    /// <exception cref="NetException">bind or listen failed; Errno tells why.</exception>
    public static ListenSocket Bind(NetAddress address, ListenOptions options) => throw new NotImplementedException();

    /// <summary>The bound address; its port is the kernel's choice when 0 was asked for.</summary>
    public NetAddress LocalAddress => throw new NotImplementedException();

    /// <summary>A second handle on the same kernel socket, for another loop (when ports are not reused).</summary>
    public ListenSocket Duplicate() => throw new NotImplementedException();

    /// <summary>Begins accepting on <paramref name="loop"/>. Loop thread. Accepted sockets are non-blocking, close-on-exec, TCP_NODELAY.</summary>
    public void Start(EventLoop loop, IAcceptHandler handler) => throw new NotImplementedException();

    /// <summary>Accepts up to this many per turn; default 64 (max_connections_to_accept_per_socket_event).</summary>
    public int MaxAcceptsPerTurn { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>Stops accepting, keeps the socket bound (loop thread).</summary>
    public void Pause() => throw new NotImplementedException();

    public void Resume() => throw new NotImplementedException();

    /// <summary>Closes it; accepted connections live on. Loop thread once started.</summary>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>A system call on a socket failed.</summary>
public sealed class NetException(string operation, int errno) : IOException($"{operation}: {Text(errno)}")
{
    public int Errno => errno;

    /// <summary>The system's words for an errno, for example <c>Address already in use</c>.</summary>
    public static string Text(int errno) => throw new NotImplementedException();
}
