using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Dns.Cache;

namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>
/// envoy.clusters.dynamic_forward_proxy with a DNS cache: an endpoint for each name in the cache that has an address. An address that
/// changes moves the endpoint: connections that exist live on. Main thread.
/// </summary>
internal sealed class DynamicForwardProxyCluster : Cluster
{
    private readonly DnsCache _cache;
    private readonly StatsStore _stats;
    private readonly Dictionary<CachedHost, Endpoint> _endpoints = [];

    public DynamicForwardProxyCluster(ClusterConfig config, DnsCache cache, FactoryContext context) : base(config)
    {
        _cache = cache;
        _stats = context.Stats;
    }

    public override void Dispose()
    {
        _cache.HostsChanged -= OnHostsChanged;
        base.Dispose();
    }

    protected override void Discover()
    {
        _cache.HostsChanged += OnHostsChanged;
        _cache.Start();
        foreach (var host in _cache.Hosts)
            Update(host);
        Publish([.. _endpoints.Values]);
        MarkInitialized();
    }

    private protected override BalancerPlan CreatePlan(EndpointsSnapshot endpoints, BalancerPlan? previous) =>
        new DynamicForwardProxyPlan(Config.DynamicForwardProxy!, _endpoints);

    private void OnHostsChanged(IReadOnlyCollection<CachedHost> hosts)
    {
        var isOther = false;
        foreach (var host in hosts)
            isOther |= host.IsRemoved ? _endpoints.Remove(host) : Update(host);
        if (isOther)
            Publish([.. _endpoints.Values]);
    }

    /// <summary>True when the host is new here.</summary>
    private bool Update(CachedHost host)
    {
        if (host.Answer is not { Addresses: [var first, .. var others] })
            return false;
        var isNew = !_endpoints.TryGetValue(host, out var endpoint);
        if (isNew)
            _endpoints[host] = endpoint = new Endpoint { Address = first, Hostname = host.Key, Stats = EndpointStats.Create(_stats) };
        else if (endpoint!.Address != first)
            endpoint.MoveTo(first);
        endpoint.AdditionalAddresses = EndpointAssignment.InTurn(first, others);
        return isNew;
    }
}
