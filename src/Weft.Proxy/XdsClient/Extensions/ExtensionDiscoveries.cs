using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.XdsClient.Extensions;

/// <summary>All extension configurations that are discovered: the same kind, name and source is asked for once. Main thread.</summary>
internal sealed class ExtensionDiscoveries
{
    private readonly List<(ConfigSource Source, ExtensionDiscovery Discovery)> _all = [];

    public IEnumerable<ExtensionDiscovery> All => _all.Select(static entry => entry.Discovery);

    /// <summary>The discovery of that name, with one user more.</summary>
    /// <param name="kind">As statistics name it: http_filter, network_filter, tcp_listener_filter.</param>
    /// <param name="name">Of the resource.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="at">The message that holds config_source.</param>
    /// <param name="slot">Who uses it.</param>
    /// <param name="context">Takes the faults of the source.</param>
    public ExtensionDiscovery Open(string kind, string name, ConfigSource? source, IMessage at, IExtensionSlot slot, FactoryContext context)
    {
        var discovery = _all.Find(entry => entry.Discovery.Kind == kind && entry.Discovery.Name == name && entry.Source.Equals(source)).Discovery;
        if (discovery is null)
            _all.Add((source ?? new ConfigSource(), discovery = new ExtensionDiscovery(kind, name, source, at, context)));
        discovery.Add(slot);
        return discovery;
    }

    /// <summary>Takes one <see cref="Open"/> back.</summary>
    public void Close(ExtensionDiscovery discovery, IExtensionSlot slot)
    {
        discovery.Remove(slot);
        if (discovery.IsUsed)
            return;
        _all.RemoveAll(entry => entry.Discovery == discovery);
        discovery.Dispose();
    }
}
