using Weft.Net;

namespace Weft.Proxy.Listeners;

/// <summary>Listening sockets of the process before this one, by address, for listeners to take instead of binding (hot restart). Main thread.</summary>
internal sealed class InheritedSockets : IDisposable
{
    private readonly Dictionary<string, List<ListenSocket>> _byAddress = [];

    public static string KeyOf(NetAddress address) => address.ToString();

    public void Add(string key, ListenSocket socket)
    {
        if (!_byAddress.TryGetValue(key, out var sockets))
            _byAddress.Add(key, sockets = []);
        sockets.Add(socket);
    }

    /// <summary>All sockets of an address, which are the taker's then; empty when there is none.</summary>
    public IReadOnlyList<ListenSocket> Take(NetAddress address) => _byAddress.Remove(KeyOf(address), out var sockets) ? sockets : [];

    /// <summary>Closes what no listener wanted.</summary>
    public void Dispose()
    {
        foreach (var socket in _byAddress.Values.SelectMany(static sockets => sockets))
            socket.Dispose();
        _byAddress.Clear();
    }
}
