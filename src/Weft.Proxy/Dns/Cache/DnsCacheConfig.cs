using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Message = Envoy.Extensions.Common.DynamicForwardProxy.V3.DnsCacheConfig;

namespace Weft.Proxy.Dns.Cache;

/// <summary>A cache of names that requests ask for (DnsCacheConfig). Immutable.</summary>
internal sealed record DnsCacheConfig
{
    /// <summary>Caches of one name are one cache.</summary>
    public required string Name { get; init; }

    /// <summary>Refresh rate of names without an address (default 60,000 ms), failure rates, family, resolver.</summary>
    public required DnsClusterConfig Dns { get; init; }

    /// <summary>dns_min_refresh_rate: names are not asked for more often, however short their TTL; default 5,000.</summary>
    public long MinRefreshMs { get; init; } = 5_000;

    /// <summary>host_ttl: a name that nobody used for so long is forgotten; default 300,000.</summary>
    public long HostTtlMs { get; init; } = 300_000;

    /// <summary>max_hosts; default 1,024.</summary>
    public int MaxHosts { get; init; } = 1024;

    /// <summary>dns_query_timeout; default 5,000.</summary>
    public long QueryTimeoutMs { get; init; } = 5_000;

    /// <summary>dns_cache_circuit_breaker.max_pending_requests: how many may wait for a name; default 1,024.</summary>
    public uint MaxPendingRequests { get; init; } = 1024;

    /// <summary>preresolve_hostnames: keys of names that are asked for before anybody does.</summary>
    public IReadOnlyList<string> Preresolved { get; init; } = [];

    public static DnsCacheConfig Create(Message config, ConfigContext context)
    {
        var maxHosts = (int)Math.Min(config.MaxHosts ?? 1024, int.MaxValue);
        if (config.PreresolveHostnames.Count > maxHosts)
            context.Error(config, "preresolve_hostnames", $"DNS Cache [{config.Name}] configured with preresolve_hostnames={config.PreresolveHostnames.Count} larger than max_hosts={maxHosts}");
        return new DnsCacheConfig
        {
            Name = config.Name,
            Dns = DnsClusterConfig.Create(config, context),
            MinRefreshMs = config.DnsMinRefreshRate.ToMs(5_000),
            HostTtlMs = config.HostTtl.ToMs(300_000),
            MaxHosts = maxHosts,
            QueryTimeoutMs = config.DnsQueryTimeout.ToMs(5_000),
            MaxPendingRequests = config.DnsCacheCircuitBreaker?.MaxPendingRequests ?? 1024,
            Preresolved = Keys(config, context),
        };
    }

    private static List<string> Keys(Message config, ConfigContext context)
    {
        var keys = new List<string>();
        foreach (var name in config.PreresolveHostnames)
        {
            if (DnsCacheKey.Of(name.Address, (int)Math.Min(name.PortValue, ushort.MaxValue)) is { } key)
                keys.Add(key);
            else
                context.Error(name, "address", $"'{name.Address}' is not a host name");
        }

        return keys;
    }
}
