using System.Diagnostics.CodeAnalysis;
using System.Text;
using Weft.Net.Native;

namespace Weft.Net;

/// <summary>Takes accepted connections.</summary>
public interface IAcceptHandler
{
    /// <summary>Makes the handler of a just accepted connection (loop thread). Returning null refuses it: it is closed at once.</summary>
    IConnectionHandler? OnAccept(Connection connection);

    /// <summary>
    /// Says who else shall have the connection just accepted, and on which loop (loop thread); false: it stays here. By default it does.
    /// </summary>
    bool TryHandOver([NotNullWhen(true)] out EventLoop? loop, [NotNullWhen(true)] out IAcceptHandler? handler)
    {
        loop = null;
        handler = null;
        return false;
    }

    /// <summary>An event of the socket brought that many connections (loop thread). By default nobody wants to know.</summary>
    void OnAccepted(int count)
    {
    }

    /// <summary>accept failed because descriptors ran out; accepting pauses for a moment and goes on by itself.</summary>
    void OnAcceptError(int errno);
}

/// <summary>Options of a listening socket, all of Envoy's Listener fields of the same names.</summary>
public sealed record ListenOptions
{
    /// <summary>SO_REUSEPORT, so that each loop binds a socket of its own.</summary>
    public bool ReusePort { get; init; } = true;

    public int Backlog { get; init; } = 4096;

    public bool FreeBind { get; init; }

    public bool Transparent { get; init; }

    /// <summary>For an IPv6 wildcard address: accept IPv4 too.</summary>
    public bool IPv4Compat { get; init; }

    public int FastOpenQueueLength { get; init; }

    /// <summary>Of the connections that come; null: none.</summary>
    public TcpKeepAlive? KeepAlive { get; init; }

    public IReadOnlyList<SocketOption> SocketOptions { get; init; } = [];

    /// <summary>Multipath TCP: clients that speak it may use several paths at once, others notice nothing.</summary>
    public bool IsMultipath { get; init; }

    /// <summary>UDP rather than TCP.</summary>
    public bool IsUdp { get; init; }
}

/// <summary>A bound and listening socket; made on the main thread, so that bind errors are configuration errors, then accepted from on a loop.</summary>
public sealed partial class ListenSocket : IDisposable
{
    private readonly int _fd;

    private ListenSocket(int fd, NetAddress localAddress)
    {
        _fd = fd;
        LocalAddress = localAddress;
    }

    /// <summary>The bound address; its port is the kernel's choice when 0 was asked for.</summary>
    public NetAddress LocalAddress { get; }

    /// <exception cref="NetException">A system call failed; Errno tells why.</exception>
    public static ListenSocket Bind(NetAddress address, ListenOptions options)
    {
        var fd = SocketSetup.OpenSocket(address, Sock.Stream, options.IsMultipath ? Sock.ProtocolMultipath : 0);
        if (fd < 0)
            throw new NetException("socket", Libc.LastError);
        try
        {
            SetOptions(fd, address, options);
            if (address.Kind == NetAddressKind.Unix)
                RemoveStaleFile(address.UnixPath);
            Check("bind", SocketSetup.Bind(fd, address));
            if (address.UnixMode != 0)
                SetMode(address);
            Check("listen", Libc.listen(fd, options.Backlog) == 0 ? 0 : Libc.LastError);
            var bound = address.Kind == NetAddressKind.Unix ? address : SocketAddress.OfSocket(fd);
            return new ListenSocket(fd, bound);
        }
        catch
        {
            _ = Libc.close(fd);
            throw;
        }
    }

    /// <summary>The kernel has Multipath TCP, and it is not switched off.</summary>
    public static bool SupportsMultipath()
    {
        var fd = SocketSetup.OpenSocket(NetAddress.FromIP(System.Net.IPAddress.Loopback, 0), Sock.Stream, Sock.ProtocolMultipath);
        if (fd >= 0)
            _ = Libc.close(fd);
        return fd >= 0;
    }

    /// <summary>A socket that another process bound and handed over (<see cref="DescriptorPassing"/>); both may accept from it.</summary>
    public static ListenSocket FromDescriptor(int descriptor) => new(descriptor, SocketAddress.OfSocket(descriptor));

    /// <summary>For handing it over to another process.</summary>
    public int Descriptor => _fd;

    /// <summary>A second handle on the same kernel socket, for another loop (when ports are not reused).</summary>
    /// <exception cref="NetException">The process has no descriptor left.</exception>
    public ListenSocket Duplicate()
    {
        var fd = Libc.fcntl(_fd, Sock.DuplicateCloseOnExec, 0);
        return fd >= 0 ? new ListenSocket(fd, LocalAddress) : throw new NetException("dup", Libc.LastError);
    }

    private static void SetOptions(int fd, NetAddress address, ListenOptions options)
    {
        if (address.Kind != NetAddressKind.Unix)
            SetIPOptions(fd, address.Kind == NetAddressKind.IPv6, options);
        foreach (var option in options.SocketOptions)
            Check($"setsockopt {option.Level}/{option.Name}", SocketSetup.Set(fd, option));
    }

    private static void SetIPOptions(int fd, bool isIPv6, ListenOptions options)
    {
        SetInt(fd, "SO_REUSEADDR", Sock.LevelSocket, Sock.ReuseAddress, 1);
        // Accepted sockets inherit it: one system call per connection less.
        SetInt(fd, "TCP_NODELAY", Sock.LevelTcp, Sock.TcpNoDelay, 1);
        if (options.ReusePort)
            SetInt(fd, "SO_REUSEPORT", Sock.LevelSocket, Sock.ReusePort, 1);
        if (isIPv6)
            SetInt(fd, "IPV6_V6ONLY", Sock.LevelIPv6, Sock.IPv6Only, options.IPv4Compat ? 0 : 1);
        if (options.FreeBind)
            SetInt(fd, "IP_FREEBIND", isIPv6 ? Sock.LevelIPv6 : Sock.LevelIP, isIPv6 ? Sock.IPv6FreeBind : Sock.IPFreeBind, 1);
        if (options.Transparent)
            SetInt(fd, "IP_TRANSPARENT", isIPv6 ? Sock.LevelIPv6 : Sock.LevelIP, isIPv6 ? Sock.IPv6Transparent : Sock.IPTransparent, 1);
        // Accepted sockets inherit this, too.
        if (options.KeepAlive is { } keepAlive)
            Check("setsockopt SO_KEEPALIVE", SocketSetup.SetKeepAlive(fd, keepAlive));
        if (options.FastOpenQueueLength > 0)
            SetInt(fd, "TCP_FASTOPEN", Sock.LevelTcp, Sock.TcpFastOpen, options.FastOpenQueueLength);
    }

    private static void SetInt(int fd, string text, int level, int name, int value) =>
        Check($"setsockopt {text}", SocketSetup.SetInt(fd, level, name, value));

    private static void Check(string operation, int errno)
    {
        if (errno != 0)
            throw new NetException(operation, errno);
    }

    /// <summary>The socket file of an earlier process would make bind fail; anything that is not a socket stays.</summary>
    private static void RemoveStaleFile(string path)
    {
        if (!path.StartsWith('@') && IsSocket(path))
            File.Delete(path);
    }

    private static unsafe bool IsSocket(string path)
    {
        fixed (byte* start = Encoding.UTF8.GetBytes(path + '\0'))
        {
            var fd = Libc.open(start, Sock.OpenNonBlockCloseOnExec);
            if (fd < 0)
                return Libc.LastError == Errno.NoDeviceOrAddress;
            _ = Libc.close(fd);
            return false;
        }
    }

    private static unsafe void SetMode(NetAddress address)
    {
        if (address.UnixPath.StartsWith('@'))
            return;
        fixed (byte* start = Encoding.UTF8.GetBytes(address.UnixPath + '\0'))
            Check("chmod", Libc.chmod(start, address.UnixMode) == 0 ? 0 : Libc.LastError);
    }
}
