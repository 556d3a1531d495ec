using Weft.Net;
using Weft.Net.Udp;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>
/// The listening sockets of a listener, for each worker its own. A listener that replaces another at the same addresses goes on with the
/// same sockets, so that no connection is refused meanwhile. Made on the main thread; each worker's are used on that worker once it listens.
/// </summary>
internal sealed class BoundSockets
{
    private readonly IReadOnlyList<NetAddress> _configured;
    private readonly IReadOnlyList<ListenOptions> _options;
    private readonly List<ListenSocket>[] _perWorker;
    private readonly List<UdpListenSocket>[] _udpPerWorker;

    private BoundSockets(ListenerConfig config, Worker[] workers)
    {
        (_configured, _options) = (config.Addresses, config.ListenOptions);
        _perWorker = [.. workers.Select(_ => new List<ListenSocket>())];
        _udpPerWorker = [.. workers.Select(_ => new List<UdpListenSocket>())];
        Addresses = config.Addresses;
    }

    /// <summary>The bound addresses, with the kernel's choice where port 0 was configured.</summary>
    public IReadOnlyList<NetAddress> Addresses { get; private set; }

    /// <summary>Without sockets: a listener that only takes connections handed to it, or one that is checked and never run.</summary>
    public static BoundSockets None(ListenerConfig config, Worker[] workers) => new(config, workers);

    /// <summary>
    /// Binds every address once per worker (SO_REUSEPORT), or once in all and shared when reuse_port is off or for Unix sockets. Sockets that the
    /// process before this one has bound are taken over instead, with the connections queued in them.
    /// </summary>
    /// <exception cref="NetException">bind or listen failed; nothing stays bound.</exception>
    public static BoundSockets Bind(ListenerConfig config, Worker[] workers, InheritedSockets? inherited = null)
    {
        var sockets = new BoundSockets(config, workers);
        try
        {
            sockets.BindAll(inherited);
            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Those of one worker.</summary>
    public List<ListenSocket> Of(int worker) => _perWorker[worker];

    /// <summary>The same of a UDP listener.</summary>
    public List<UdpListenSocket> UdpOf(int worker) => _udpPerWorker[worker];

    public IEnumerable<ListenSocket> All => _perWorker.SelectMany(static sockets => sockets);

    public IEnumerable<UdpListenSocket> AllUdp => _udpPerWorker.SelectMany(static sockets => sockets);

    /// <summary>Whether a listener would bind the same addresses in the same way.</summary>
    public bool Suit(ListenerConfig config) =>
        _configured.SequenceEqual(config.Addresses) && _options.Count == config.ListenOptions.Count && _options.Zip(config.ListenOptions).All(pair => IsSame(pair.First, pair.Second));

    /// <summary>Closes sockets that were never listened on. Main thread.</summary>
    public void Dispose()
    {
        foreach (var socket in All)
            socket.Dispose();
        foreach (var socket in AllUdp)
            socket.Dispose();
    }

    private void BindAll(InheritedSockets? inherited)
    {
        var bound = new List<NetAddress>();
        foreach (var (address, options) in _configured.Zip(_options))
        {
            if (options.IsUdp)
            {
                bound.Add(BindUdp(address, options, inherited?.TakeDatagrams(address) ?? []));
                continue;
            }

            var taken = inherited?.Take(address) ?? [];
            for (var i = 0; i < taken.Count; i++)
                _perWorker[i % _perWorker.Length].Add(taken[i]);
            var first = taken.Count > 0 ? taken[0] : ListenSocket.Bind(address, options);
            if (taken.Count == 0)
                _perWorker[0].Add(first);
            bound.Add(first.LocalAddress);
            var reuse = options.ReusePort && address.Kind != NetAddressKind.Unix;
            for (var i = Math.Max(taken.Count, 1); i < _perWorker.Length; i++)
                _perWorker[i].Add(reuse ? ListenSocket.Bind(first.LocalAddress, options) : first.Duplicate());
        }

        Addresses = bound;
    }

    /// <summary>One per worker: the kernel gives all datagrams of a client to the same.</summary>
    private NetAddress BindUdp(NetAddress address, ListenOptions options, IReadOnlyList<UdpListenSocket> taken)
    {
        for (var i = 0; i < Math.Max(taken.Count, _udpPerWorker.Length); i++)
        {
            var socket = i < taken.Count ? taken[i] : UdpListenSocket.Bind(address, options);
            _udpPerWorker[i % _udpPerWorker.Length].Add(socket);
            address = socket.LocalAddress;
        }

        return address;
    }

    private static bool IsSame(ListenOptions one, ListenOptions other) =>
        one with { SocketOptions = [] } == other with { SocketOptions = [] }
        && one.SocketOptions.Count == other.SocketOptions.Count
        && one.SocketOptions.Zip(other.SocketOptions).All(pair => pair.First.Level == pair.Second.Level && pair.First.Name == pair.Second.Name && pair.First.Value.Span.SequenceEqual(pair.Second.Value.Span));
}
