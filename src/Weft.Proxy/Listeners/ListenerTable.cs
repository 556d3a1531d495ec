using Weft.Net;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>All listeners of a proxy by name, in use or warming, and who has which address. Main thread.</summary>
internal sealed class ListenerTable
{
    private readonly Dictionary<string, ManagedListener> _byName = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, ManagedListener>> All => _byName;

    /// <summary>Those in use, in the order in which they were added.</summary>
    public List<Listener> Active { get; } = [];

    /// <summary>The same by address, for workers.</summary>
    public ListenerDirectory Directory { get; } = new();

    public ManagedListener? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Adds what a name will stand for.</summary>
    public ManagedListener Add(string name) => _byName[name] = new ManagedListener();

    public void Remove(string name) => _byName.Remove(name);

    /// <summary>What a listener is known by: those without a name go by their address.</summary>
    public static string KeyOf(ListenerMessage source) => source.Name.Length > 0 ? source.Name : $"{source.Address}#";

    /// <summary>The address that another listener has already: with SO_REUSEPORT the kernel would share it between both.</summary>
    /// <param name="config">The new listener.</param>
    /// <param name="own">What it will belong to; null: nothing yet.</param>
    /// <param name="leaving">Names that the same update removes.</param>
    public NetAddress? Taken(ListenerConfig config, ManagedListener? own, IReadOnlyCollection<string> leaving)
    {
        if (!config.BindToPort)
            return null;
        foreach (var (name, entry) in _byName)
        {
            var other = entry.Newest.Listener.Config;
            if (entry == own || leaving.Contains(name) || !other.BindToPort || other.Udp is null != config.Udp is null)
                continue;
            foreach (var address in config.Addresses)
            {
                if ((address.Port > 0 || address.Kind == NetAddressKind.Unix) && other.Addresses.Contains(address))
                    return address;
            }
        }

        return null;
    }
}
