namespace Weft.Net.UserSpace;

/// <summary>
/// Who listens on a loop for connections from within it, by name: a connection to an internal address (<see cref="NetAddress.FromInternal"/>) goes to the
/// listener of that name on the same loop, over a pair of sockets in user space. Loop thread.
/// </summary>
public sealed class InternalListeners : IReadyWork
{
    /// <summary>Default of <see cref="BufferBytes"/>: 1 MiB.</summary>
    public const int DefaultBufferBytes = 1024 * 1024;

    /// <summary>The address that connections to internal addresses come from.</summary>
    public static readonly NetAddress ClientAddress = NetAddress.FromInternal("internal_client_address");

    private readonly EventLoop _loop;
    private readonly Dictionary<string, IAcceptHandler> _byName = new(StringComparer.Ordinal);
    private readonly Queue<(UserSpaceSocket Far, NetAddress To)> _arriving = new();
    private bool _isReady;

    internal InternalListeners(EventLoop loop) => _loop = loop;

    /// <summary>What may wait at each end of a connection; a connection keeps what was set when it was made. Default 1 MiB (buffer_size_kb of the bootstrap extension).</summary>
    public int BufferBytes { get; set; } = DefaultBufferBytes;

    /// <summary>From now on connections to a name are this handler's.</summary>
    public void Listen(string name, IAcceptHandler handler) => _byName[name] = handler;

    /// <summary>Connections to a name are refused from now on, unless they are another handler's by now.</summary>
    public void Stop(string name, IAcceptHandler handler)
    {
        if (_byName.TryGetValue(name, out var current) && current == handler)
            _byName.Remove(name);
    }

    /// <summary>Connects in this or the next turn; the near end hears how it went.</summary>
    internal UserSpaceSocket Connect(NetAddress to)
    {
        var (near, far) = UserSpaceSocket.CreatePair(_loop.Buffers, BufferBytes);
        _arriving.Enqueue((far, to));
        AddReady();
        return near;
    }

    void IReadyWork.OnReady()
    {
        _isReady = false;
        try
        {
            // Only those that are there now: a listener whose connections lead back to itself must not keep the others waiting.
            for (var left = _arriving.Count; left > 0; left--)
                AcceptNext();
        }
        finally
        {
            if (_arriving.Count > 0)
                AddReady();
        }
    }

    private void AcceptNext()
    {
        var (far, to) = _arriving.Dequeue();
        if (!_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(to.InternalName, out var acceptor))
        {
            far.Refuse();
            return;
        }

        far.Accept();
        ListenSocket.Adopt(Connection.FromUserSpace(_loop, far, to, ClientAddress), acceptor);
    }

    private void AddReady()
    {
        if (_isReady)
            return;
        _isReady = true;
        _loop.AddReady(this);
    }
}
