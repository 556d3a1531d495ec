using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// Zone-aware routing: requests stay in the locality of this proxy as far as its endpoints there have the capacity, judged
/// by how the proxies of the local cluster spread over localities. Immutable, shared by all workers; priority 0 only.
/// </summary>
internal sealed class ZoneRouting
{
    private readonly ClusterStats _stats;
    private readonly int _routingPercent;
    private readonly int _own;
    private readonly bool _isDirect;
    private readonly bool _isLocalClusterInPanic;
    private readonly ulong _ownPerTenThousand;
    private readonly ulong[] _residual;

    private ZoneRouting(LoadBalancingConfig config, ClusterStats stats, ZoneShares shares, bool isLocalClusterInPanic)
    {
        _stats = stats;
        _routingPercent = config.Zones.RoutingPercent;
        _own = shares.Own;
        _isLocalClusterInPanic = isLocalClusterInPanic;
        Fails = config.FailsInPanic && isLocalClusterInPanic;
        _isDirect = shares.Own >= 0 && (shares.OwnSuffices || shares.OwnHealthy >= (config.Zones.ForceLocalMinSize ?? int.MaxValue));
        _ownPerTenThousand = shares.OwnPerTenThousand;
        _residual = shares.Residual();
    }

    /// <summary>fail_traffic_on_panic, and the local cluster is in panic: requests are refused rather than sent anywhere.</summary>
    public bool Fails { get; }

    /// <summary>Null when requests are not kept in their zone: no local cluster, too few localities or endpoints, or weights of localities decide.</summary>
    public static ZoneRouting? Create(LoadBalancingConfig config, ClusterStats stats, EndpointsSnapshot endpoints)
    {
        if (config.LocalCluster is not { } localCluster || endpoints.Priorities.Count == 0)
            return null;
        stats.LbRecalculateZoneStructures.Inc();
        var upstream = endpoints.Priorities[0];
        var local = localCluster.Endpoints.Priorities.Count > 0 ? localCluster.Endpoints.Priorities[0] : null;
        if (upstream.Localities.Length < 2 || (config.Zones.ForceLocalMinSize is null && (local?.Localities.Length ?? 0) < 2))
            return null;
        if (local is null || !Array.Exists(local.Localities, locality => locality.Locality == localCluster.Locality && locality.Healthy.Length > 0))
        {
            stats.LbLocalClusterNotOk.Inc();
            return null;
        }
        if (upstream.Healthy.Length < config.Zones.MinClusterSize)
        {
            stats.LbZoneClusterTooSmall.Inc();
            return null;
        }
        var shares = new ZoneShares(local, upstream, localCluster.Locality, config.Zones.ByWeight);
        return new ZoneRouting(config, stats, shares, PriorityLoads.IsBelowThreshold(local, config.PanicThresholdPercent));
    }

    /// <summary>The locality of a request; false when it goes to any.</summary>
    public bool TryRoute(RandomSource random, out int locality)
    {
        locality = -1;
        if (_routingPercent < 100 && random.Next(100) >= (uint)_routingPercent)
            return false;
        if (_isLocalClusterInPanic)
        {
            _stats.LbLocalClusterNotOk.Inc();
            return false;
        }
        locality = Choose(random);
        return true;
    }

    private int Choose(RandomSource random)
    {
        if (_isDirect)
        {
            _stats.LbZoneRoutingAllDirectly.Inc();
            return _own;
        }
        if (random.Next() % 10_000 < _ownPerTenThousand)
        {
            _stats.LbZoneRoutingSampled.Inc();
            return _own;
        }
        _stats.LbZoneRoutingCrossZone.Inc();
        if (_residual[^1] == 0)
        {
            // Rounding can leave nothing.
            _stats.LbZoneNoCapacityLeft.Inc();
            return (int)random.Next((uint)_residual.Length);
        }
        var point = random.Next() % _residual[^1];
        var i = 0;
        while (point >= _residual[i])
            i++;
        return i;
    }
}
