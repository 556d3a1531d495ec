using Weft.Net;
using Weft.Net.Udp;

namespace Weft.Proxy.Listeners;

/// <summary>Listening sockets of the process before this one, by address, for listeners to take instead of binding (hot restart). Main thread.</summary>
internal sealed class InheritedSockets : IDisposable
{
    private readonly Dictionary<string, List<ListenSocket>> _byAddress = [];
    private readonly Dictionary<string, List<UdpListenSocket>> _datagrams = [];

    public static string KeyOf(NetAddress address) => address.ToString();

    public void Add(string key, ListenSocket socket) => Add(_byAddress, key, socket);

    public void Add(string key, UdpListenSocket socket) => Add(_datagrams, key, socket);

    /// <summary>All sockets of an address, which are the taker's then; empty when there is none.</summary>
    public IReadOnlyList<ListenSocket> Take(NetAddress address) => _byAddress.Remove(KeyOf(address), out var sockets) ? sockets : [];

    /// <summary>The same for sockets of datagrams.</summary>
    public IReadOnlyList<UdpListenSocket> TakeDatagrams(NetAddress address) => _datagrams.Remove(KeyOf(address), out var sockets) ? sockets : [];

    /// <summary>Closes what no listener wanted.</summary>
    public void Dispose()
    {
        foreach (var socket in _byAddress.Values.SelectMany(static sockets => sockets))
            socket.Dispose();
        foreach (var socket in _datagrams.Values.SelectMany(static sockets => sockets))
            socket.Dispose();
        _byAddress.Clear();
        _datagrams.Clear();
    }

    private static void Add<T>(Dictionary<string, List<T>> byAddress, string key, T socket)
    {
        if (!byAddress.TryGetValue(key, out var sockets))
            byAddress.Add(key, sockets = []);
        sockets.Add(socket);
    }
}
