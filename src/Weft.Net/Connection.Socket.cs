using Weft.Net.Native;
using Weft.Net.UserSpace;

namespace Weft.Net;

/// <content>The calls on its socket, which is the kernel's or one of a pair within the loop.</content>
public sealed partial class Connection
{
    private readonly UserSpaceSocket? _inner;
    private uint _innerEvents;

    /// <summary>It comes from within the loop or leads back into it: no kernel socket carries it.</summary>
    public bool IsInternal => _inner is not null;

    /// <summary>What the connecting side has left for the accepting one (<see cref="PassThrough"/>); null when it left nothing, and for kernel sockets.</summary>
    public object? PassedThrough => _inner?.PassedThrough;

    /// <summary>Leaves something for the side that accepts an internal connection, which finds it when it accepts; nothing happens with a kernel socket.</summary>
    public void PassThrough(object state) => _inner?.PassThrough(state);

    /// <summary>The accepting end of a connection within the loop; it is told of events only after <see cref="StartAccepted"/>.</summary>
    internal static Connection FromUserSpace(EventLoop loop, UserSpaceSocket socket, NetAddress local, NetAddress remote) =>
        new(loop, socket, remote, NoHandler.Instance, isOutgoing: false) { _localAddress = local };

    /// <summary>Readiness of a socket in user space; it is dispatched with what is ready in this or the next turn.</summary>
    internal void OnUserSpaceEvents(uint events)
    {
        _innerEvents |= events;
        AddReady();
    }

    private static Connection ConnectWithin(EventLoop loop, NetAddress remote, long connectTimeoutMs, IConnectionHandler handler, Transport? transport)
    {
        var socket = loop.InternalListeners.Connect(remote);
        var connection = new Connection(loop, socket, remote, handler, isOutgoing: true) { _localAddress = InternalListeners.ClientAddress };
        socket.Owner = connection;
        if (transport is not null)
            connection.Use(transport);
        if (connectTimeoutMs > 0)
            connection.ArmTimer(connectTimeoutMs);
        return connection;
    }

    private bool TryTakeInnerEvents(out uint events)
    {
        events = _innerEvents;
        _innerEvents = 0;
        return events != 0;
    }

    /// <summary>Bytes received, or -errno.</summary>
    private unsafe int Receive(byte* to, int size, int flags = 0)
    {
        if (_inner is not null)
            return _inner.Receive(to, size, peek: flags == Sock.Peek);
        var count = (int)Libc.recv(_fd, to, (nuint)size, flags);
        return count < 0 ? -Libc.LastError : count;
    }

    /// <summary>Bytes sent, or -errno.</summary>
    private unsafe int SendVectors(IoVector* vectors, int count)
    {
        if (_inner is not null)
            return _inner.Send(vectors, count);
        int sent;
        if (count == 1)
        {
            sent = (int)Libc.send(_fd, vectors->Base, vectors->Length, Sock.NoSignal);
        }
        else
        {
            var message = new MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
            sent = (int)Libc.sendmsg(_fd, &message, Sock.NoSignal);
        }
        return sent < 0 ? -Libc.LastError : sent;
    }

    private void ShutdownSocket()
    {
        if (_inner is not null)
            _inner.ShutdownWrite();
        else
            _ = Libc.shutdown(_fd, Sock.ShutdownWrite);
    }

    /// <summary>The failure that waits on the socket, which this clears.</summary>
    private int PendingError() => _inner is not null ? _inner.TakeError() : SocketSetup.PendingError(_fd);

    private void ResetOnClose()
    {
        if (_inner is not null)
            _inner.ResetOnClose();
        else
            SocketSetup.ResetOnClose(_fd);
    }

    private void CloseSocket()
    {
        _inner?.Close();
        if (_fd != NoFd)
            _ = Libc.close(_fd);
        _fd = NoFd;
    }
}
