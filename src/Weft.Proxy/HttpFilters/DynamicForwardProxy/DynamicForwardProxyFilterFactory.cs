using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns.Cache;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.DynamicForwardProxy.V3.FilterConfig;

namespace Weft.Proxy.HttpFilters.DynamicForwardProxy;

/// <summary>Makes filters that have hosts looked up (envoy.filters.http.dynamic_forward_proxy).</summary>
internal sealed class DynamicForwardProxyFilterFactory : HttpFilterFactory
{
    /// <summary>dns_cache_config; null with sub_cluster_config.</summary>
    public required DnsCache? Cache { get; init; }

    /// <summary>sub_cluster_config.cluster_init_timeout: how long a request waits for the cluster of its host; default 5,000.</summary>
    public required long SubClusterTimeoutMs { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static DynamicForwardProxyFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context)
    {
        if (config.ImplementationSpecifierCase == Message.ImplementationSpecifierOneofCase.None)
            context.Config.Error(config, "dns_cache_config", "dns_cache_config or sub_cluster_config must be set");
        return new DynamicForwardProxyFilterFactory
        {
            Name = name,
            Cache = config.DnsCacheConfig is { } cache ? context.DnsCaches.Get(cache, context) : null,
            SubClusterTimeoutMs = (config.SubClusterConfig?.ClusterInitTimeout).ToMs(5_000),
            Runtime = context.Runtime,
        };
    }

    public override HttpFilter Create(Worker worker) => new DynamicForwardProxyFilter(this, worker);
}
