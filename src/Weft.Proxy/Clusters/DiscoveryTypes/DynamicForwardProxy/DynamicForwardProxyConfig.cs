using Envoy.Config.Core.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Dns.Cache;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using Message = Envoy.Extensions.Clusters.DynamicForwardProxy.V3.ClusterConfig;

namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>A cluster whose endpoints are the hosts that requests name. Immutable; any thread.</summary>
internal sealed class DynamicForwardProxyConfig
{
    /// <summary>dns_cache_config; null with <see cref="SubClusters"/>.</summary>
    public DnsCache? Cache { get; private init; }

    /// <summary>sub_clusters_config: a STRICT_DNS cluster for each host; null: an endpoint for each.</summary>
    public SubClusters? SubClusters { get; private init; }

    /// <summary>Of requests that name none: 443 where the cluster encrypts, else 80.</summary>
    public int DefaultPort { get; private init; }

    /// <summary>Compiles; faults are reported in the context.</summary>
    /// <param name="source">The cluster.</param>
    /// <param name="isSecure">It encrypts.</param>
    public static DynamicForwardProxyConfig Create(ClusterMessage source, bool isSecure, UpstreamHttpProtocolOptions? http, FactoryContext context)
    {
        var config = context.Config.Unpack(source.ClusterType.TypedConfig) as Message ?? new Message();
        if (!config.AllowInsecureClusterOptions && http is not { AutoSni: true, AutoSanValidation: true })
            context.Config.Error(source, "cluster_type", "dynamic_forward_proxy cluster must have auto_sni and auto_san_validation true unless allow_insecure_cluster_options is set.");
        if (config.ClusterImplementationSpecifierCase == Message.ClusterImplementationSpecifierOneofCase.None)
            context.Config.Error(config, "dns_cache_config", "dns_cache_config or sub_clusters_config must be set");
        return new DynamicForwardProxyConfig
        {
            Cache = config.DnsCacheConfig is { } cache ? context.DnsCaches.Get(cache, context) : null,
            SubClusters = config.SubClustersConfig is { } subClusters ? SubClusters.Create(source, subClusters, context) : null,
            DefaultPort = isSecure ? 443 : 80,
        };
    }

    /// <summary>The deprecated place of upstream_http_protocol_options is on by itself.</summary>
    public static UpstreamHttpProtocolOptions? HttpOptionsOf(ClusterMessage source, UpstreamHttpProtocolOptions? configured) =>
        configured is null && source.TypedExtensionProtocolOptions.Count == 0 ? new UpstreamHttpProtocolOptions { AutoSni = true, AutoSanValidation = true } : configured;

    /// <summary>What a request's host is kept under: by its authority; by SNI where there are no headers. False when it names none.</summary>
    public bool TryKey(in LoadBalancerContext context, Span<char> key, out int length)
    {
        if (context.RequestHeaders is { } headers)
            return DnsCacheKey.TryWrite(headers.Get(KnownHeader.Authority), DefaultPort, key, out length);
        length = 0;
        return context.Info is { RequestedServerName: { } name } info && DnsCacheKey.TryWrite(name, info.DynamicPort > 0 ? info.DynamicPort : DefaultPort, key, out length);
    }
}
