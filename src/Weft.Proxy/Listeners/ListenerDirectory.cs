using Weft.Net;

namespace Weft.Proxy.Listeners;

/// <summary>Which listener has an address, for connections that were redirected here from it (use_original_dst). Published by the main thread, read by workers.</summary>
internal sealed class ListenerDirectory
{
    private volatile Dictionary<NetAddress, Listener> _byAddress = [];

    /// <summary>From now on these are there. Main thread.</summary>
    public void Publish(IEnumerable<Listener> listeners)
    {
        var byAddress = new Dictionary<NetAddress, Listener>();
        foreach (var listener in listeners.Where(static listener => listener.Config.Udp is null))
        {
            foreach (var address in listener.BoundAddresses)
                byAddress.TryAdd(address, listener);
        }

        _byAddress = byAddress;
    }

    /// <summary>The listener at an address, else the one at all addresses with that port; null when there is none. Any thread.</summary>
    public Listener? Find(NetAddress address)
    {
        var byAddress = _byAddress;
        return byAddress.TryGetValue(address, out var listener) || byAddress.TryGetValue(address.Masked(0).WithPort(address.Port), out listener) ? listener : null;
    }
}
