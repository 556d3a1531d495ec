using System.Diagnostics.CodeAnalysis;
using Weft.Net.Native;

namespace Weft.Net;

/// <summary>Opens sockets and sets their options; failures are errnos, for what a peer or the system can cause.</summary>
internal static unsafe class SocketSetup
{
    private const int NoFd = -1;

    /// <summary>A non-blocking stream socket for a connection to <paramref name="remote"/>; -1 with the errno when it cannot be had.</summary>
    /// <param name="atBind">It is the source address that cannot be had.</param>
    public static int Open(NetAddress remote, ConnectOptions? options, out int errno, out bool atBind)
    {
        atBind = false;
        var fd = OpenSocket(remote, Sock.Stream);
        if (fd < 0)
        {
            errno = Libc.LastError;
            return NoFd;
        }
        errno = Configure(fd, remote, options);
        var source = options?.SourceFor(remote) ?? default;
        if (errno == 0 && source.Kind != NetAddressKind.None)
        {
            errno = BindSource(fd, source);
            atBind = errno != 0;
        }

        if (errno == 0)
            return fd;
        _ = Libc.close(fd);
        return NoFd;
    }

    /// <param name="protocol">0: the usual one.</param>
    public static int OpenSocket(NetAddress address, int type, int protocol = 0) =>
        Libc.socket(SocketAddress.Family(address), type | Sock.NonBlock | Sock.CloseOnExec, protocol);

    /// <summary>0, or the errno.</summary>
    public static int SetInt(int fd, int level, int name, int value) =>
        Libc.setsockopt(fd, level, name, &value, sizeof(int)) == 0 ? 0 : Libc.LastError;

    /// <summary>0, or the errno.</summary>
    public static int Set(int fd, in SocketOption option)
    {
        fixed (byte* value = option.Value.Span)
            return Libc.setsockopt(fd, option.Level, option.Name, value, (uint)option.Value.Length) == 0 ? 0 : Libc.LastError;
    }

    /// <summary>0, or the errno.</summary>
    public static int Bind(int fd, NetAddress address)
    {
        var buffer = stackalloc byte[SocketAddress.MaxBytes];
        var length = SocketAddress.Write(address, new Span<byte>(buffer, SocketAddress.MaxBytes));
        if (length == 0)
            return Errno.NameTooLong;
        return Libc.bind(fd, buffer, length) == 0 ? 0 : Libc.LastError;
    }

    /// <summary>Begins to connect; 0, or the errno.</summary>
    public static int StartConnect(int fd, NetAddress remote)
    {
        var address = stackalloc byte[SocketAddress.MaxBytes];
        var length = SocketAddress.Write(remote, new Span<byte>(address, SocketAddress.MaxBytes));
        if (length == 0)
            return Errno.NameTooLong;
        return Libc.connect(fd, address, length) == 0 || Libc.LastError is Errno.InProgress ? 0 : Libc.LastError;
    }

    /// <summary>SO_ERROR: the failure that waits on the socket, which this clears.</summary>
    public static int PendingError(int fd)
    {
        int error;
        uint length = sizeof(int);
        return Libc.getsockopt(fd, Sock.LevelSocket, Sock.Error, &error, &length) == 0 ? error : Libc.LastError;
    }

    /// <summary>Makes the next close send RST.</summary>
    [SuppressMessage("Performance", "CA1806", Justification = "A socket that cannot be told so is closed with FIN.")]
    public static void ResetOnClose(int fd)
    {
        var linger = stackalloc int[] { 1, 0 };
        Libc.setsockopt(fd, Sock.LevelSocket, Sock.Linger, linger, 2 * sizeof(int));
    }

    /// <summary>The options that datagrams have too, and the source address; 0, or the errno.</summary>
    public static int ConfigureDatagrams(int fd, ConnectOptions options)
    {
        var errno = 0;
        for (var i = 0; i < options.SocketOptions.Count && errno == 0; i++)
            errno = Set(fd, options.SocketOptions[i]);
        return errno == 0 && options.Source.Kind != NetAddressKind.None ? BindSource(fd, options.Source) : errno;
    }

    /// <summary>0, or the errno.</summary>
    public static int SetKeepAlive(int fd, TcpKeepAlive keepAlive)
    {
        var errno = SetInt(fd, Sock.LevelSocket, Sock.KeepAlive, 1);
        if (errno == 0 && keepAlive.Probes is { } count)
            errno = SetInt(fd, Sock.LevelTcp, Sock.TcpKeepCount, count);
        if (errno == 0 && keepAlive.TimeSeconds is { } idle)
            errno = SetInt(fd, Sock.LevelTcp, Sock.TcpKeepIdle, idle);
        if (errno == 0 && keepAlive.IntervalSeconds is { } interval)
            errno = SetInt(fd, Sock.LevelTcp, Sock.TcpKeepInterval, interval);
        return errno;
    }

    private static int Configure(int fd, NetAddress remote, ConnectOptions? options)
    {
        var isTcp = remote.Kind != NetAddressKind.Unix;
        var errno = isTcp ? SetInt(fd, Sock.LevelTcp, Sock.TcpNoDelay, 1) : 0;
        if (options is null)
            return errno;
        if (errno == 0 && isTcp && options.KeepAlive is { } keepAlive)
            errno = SetKeepAlive(fd, keepAlive);
        for (var i = 0; i < options.SocketOptions.Count && errno == 0; i++)
            errno = Set(fd, options.SocketOptions[i]);
        return errno;
    }

    private static int BindSource(int fd, NetAddress source)
    {
        // The port is then chosen at connect, where only the whole four-tuple must be unique.
        if (source.Port == 0 && source.Kind != NetAddressKind.Unix)
            _ = SetInt(fd, Sock.LevelIP, Sock.IPBindAddressNoPort, 1);
        return Bind(fd, source);
    }
}
