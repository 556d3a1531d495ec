using Weft.Base;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Dns.Cache;

namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>The endpoints of a dynamic forward proxy by their host. Immutable, shared by all workers.</summary>
internal sealed class DynamicForwardProxyPlan : BalancerPlan
{
    private readonly Dictionary<string, (CachedHost Host, Endpoint Endpoint)>.AlternateLookup<ReadOnlySpan<char>> _byKey;

    public DynamicForwardProxyPlan(DynamicForwardProxyConfig config, IReadOnlyDictionary<CachedHost, Endpoint> endpoints)
    {
        Config = config;
        var byKey = new Dictionary<string, (CachedHost, Endpoint)>(endpoints.Count, StringComparer.Ordinal);
        foreach (var (host, endpoint) in endpoints)
            byKey.Add(host.Key, (host, endpoint));
        _byKey = byKey.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public DynamicForwardProxyConfig Config { get; }

    /// <summary>Null when the host is not known, or must not be used. It counts as used.</summary>
    public Endpoint? Find(ReadOnlySpan<char> key)
    {
        if (!_byKey.TryGetValue(key, out var found) || found.Endpoint.Health == EndpointHealth.Unhealthy)
            return null;
        if (!found.Host.WasUsed)
            found.Host.WasUsed = true;
        return found.Endpoint;
    }

    public override LoadBalancer CreateBalancer(RandomSource random, LoadBalancer? previous) => new DynamicForwardProxyBalancer(this);
}
