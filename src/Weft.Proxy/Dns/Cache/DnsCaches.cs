using Weft.Proxy.Bootstrap;
using Message = Envoy.Extensions.Common.DynamicForwardProxy.V3.DnsCacheConfig;

namespace Weft.Proxy.Dns.Cache;

/// <summary>The process's DNS caches by name; clusters and filters that name the same cache share it. A cache stays until the process ends, its names do not. Main thread.</summary>
internal sealed class DnsCaches
{
    private readonly Dictionary<string, (Message Config, DnsCache Cache)> _byName = new(StringComparer.Ordinal);

    /// <summary>Null, with a fault reported, when the same name stands elsewhere with other settings.</summary>
    public DnsCache? Get(Message config, FactoryContext context)
    {
        if (_byName.TryGetValue(config.Name, out var known))
        {
            if (known.Config.Equals(config))
                return known.Cache;
            context.Config.Error(config, "name", $"config specified DNS cache '{config.Name}' with different settings");
            return null;
        }

        var compiled = DnsCacheConfig.Create(config, context.Config);
        // What is made while a cluster is made would end with that cluster.
        var cache = new Lifetime(context.Stats).Make(() => new DnsCache(compiled, context));
        _byName[config.Name] = (config, cache);
        return cache;
    }
}
