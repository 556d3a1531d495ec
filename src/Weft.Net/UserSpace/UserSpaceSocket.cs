using Weft.Base.Buffers;
using Weft.Net.Native;

namespace Weft.Net.UserSpace;

/// <summary>
/// One end of a pair of stream sockets that the kernel does not know: what one end sends waits at the other, up to a limit. It answers as the
/// kernel does (bytes or -errno, readiness as edges with epoll's bits), so that a <see cref="Connection"/> on it is like any other. Loop thread.
/// </summary>
internal sealed unsafe class UserSpaceSocket
{
    private readonly ByteQueue _received;
    private readonly int _limitBytes;
    private UserSpaceSocket? _peer;
    private bool _hasEnded;
    private bool _peerWaits;
    private bool _resetsOnClose;
    private int _error;

    private UserSpaceSocket(BufferPool buffers, int limitBytes) => (_received, _limitBytes) = (new ByteQueue(buffers), limitBytes);

    /// <summary>The connection that is told when something changes.</summary>
    public Connection? Owner { get; set; }

    /// <summary>What the other end has left here; null when it left nothing.</summary>
    public object? PassedThrough { get; private set; }

    /// <param name="limitBytes">What may wait at each end.</param>
    public static (UserSpaceSocket Near, UserSpaceSocket Far) CreatePair(BufferPool buffers, int limitBytes)
    {
        var (near, far) = (new UserSpaceSocket(buffers, limitBytes), new UserSpaceSocket(buffers, limitBytes));
        (near._peer, far._peer) = (far, near);
        return (near, far);
    }

    /// <summary>Leaves something at the other end.</summary>
    public void PassThrough(object state)
    {
        if (_peer is not null)
            _peer.PassedThrough = state;
    }

    /// <summary>recv.</summary>
    public int Receive(byte* to, int size, bool peek)
    {
        if (_received.IsEmpty)
            return _error != 0 ? -TakeError() : _hasEnded ? 0 : -Errno.Again;
        var count = _received.CopyTo(new Span<byte>(to, size));
        if (peek)
            return count;
        _received.Drain(count);
        if (_peerWaits && _received.Length <= _limitBytes / 2)
        {
            _peerWaits = false;
            _peer?.Tell(Epoll.Out);
        }

        return count;
    }

    /// <summary>send, sendmsg.</summary>
    public int Send(IoVector* vectors, int count)
    {
        if (_peer is not { } peer)
            return _error != 0 ? -TakeError() : -Errno.BrokenPipe;
        var (asked, sent) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var length = (int)vectors[i].Length;
            var part = Math.Min(length, peer._limitBytes - peer._received.Length);
            peer._received.Append(new ReadOnlySpan<byte>(vectors[i].Base, part));
            asked += length;
            sent += part;
        }

        if (sent > 0)
            peer.Tell(Epoll.In);
        peer._peerWaits |= sent < asked;
        return sent == 0 ? -Errno.Again : sent;
    }

    /// <summary>shutdown(SHUT_WR).</summary>
    public void ShutdownWrite()
    {
        if (_peer is not { } peer)
            return;
        peer._hasEnded = true;
        peer.Tell(Epoll.In | Epoll.PeerClosed);
    }

    /// <summary>SO_ERROR, which this clears.</summary>
    public int TakeError()
    {
        var error = _error;
        _error = 0;
        return error;
    }

    /// <summary>SO_LINGER with no time: the close will be a reset.</summary>
    public void ResetOnClose() => _resetsOnClose = true;

    public void Close()
    {
        Leave(_resetsOnClose ? Errno.ConnectionReset : 0);
        _received.Clear();
        Owner = null;
    }

    /// <summary>The other end's connect succeeds.</summary>
    public void Accept() => _peer?.Tell(Epoll.Out);

    /// <summary>The other end's connect fails: nobody listens here.</summary>
    public void Refuse() => Leave(Errno.ConnectionRefused);

    private void Leave(int errno)
    {
        if (_peer is not { } peer)
            return;
        (_peer, peer._peer) = (null, null);
        peer._hasEnded = true;
        peer._error = errno;
        peer.Tell(Epoll.In | Epoll.Out | Epoll.PeerClosed | Epoll.HangUp);
    }

    private void Tell(uint events) => Owner?.OnUserSpaceEvents(events);
}
