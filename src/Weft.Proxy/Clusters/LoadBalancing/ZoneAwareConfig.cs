using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>zone_aware_lb_config. Immutable.</summary>
public sealed record ZoneAwareConfig
{
    /// <summary>routing_enabled in whole percent; default 100.</summary>
    public int RoutingPercent { get; init; } = 100;

    /// <summary>min_cluster_size; default 6: with fewer healthy endpoints requests go anywhere.</summary>
    public int MinClusterSize { get; init; } = 6;

    /// <summary>force_local_zone.min_size (1 with force_locality_direct_routing): from so many healthy endpoints on, all requests stay in the locality; null: not forced.</summary>
    public int? ForceLocalMinSize { get; init; }

    /// <summary>locality_basis HEALTHY_HOSTS_WEIGHT; default false: the number of endpoints counts.</summary>
    public bool ByWeight { get; init; }

    /// <summary>With what runtime says now.</summary>
    internal ZoneAwareConfig With(RuntimeSnapshot runtime)
    {
        var forced = runtime.GetInteger("upstream.zone_routing.force_local_zone.min_size", 0);
        return this with
        {
            RoutingPercent = (int)Math.Min(100, runtime.GetInteger("upstream.zone_routing.enabled", (ulong)RoutingPercent)),
            MinClusterSize = (int)Math.Min(int.MaxValue, runtime.GetInteger("upstream.zone_routing.min_cluster_size", (ulong)MinClusterSize)),
            ForceLocalMinSize = forced > 0 ? (int)Math.Min(int.MaxValue, forced) : ForceLocalMinSize,
        };
    }
}

/// <summary>The cluster that the proxies themselves form (cluster_manager.local_cluster_name), as of now. Changed by the main thread; any thread may read.</summary>
public sealed class LocalCluster(string name, EndpointLocality locality)
{
    public string Name { get; } = name;

    /// <summary>Where this proxy is (node.locality).</summary>
    public EndpointLocality Locality { get; } = locality;

    /// <summary>The newest snapshot of the local cluster.</summary>
    public EndpointsSnapshot Endpoints { get; internal set; } = EndpointsSnapshot.Empty;
}
