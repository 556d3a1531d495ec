namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>How the healthy proxies of the local cluster and the healthy endpoints of a cluster spread over localities, in ten-thousandths. Used on the main thread.</summary>
internal sealed class ZoneShares
{
    private readonly ulong[] _local;
    private readonly ulong[] _upstream;

    /// <param name="own">The locality of this proxy.</param>
    /// <param name="byWeight">Weights count (HEALTHY_HOSTS_WEIGHT), else the number of endpoints.</param>
    public ZoneShares(EndpointsOfPriority local, EndpointsOfPriority upstream, EndpointLocality own, bool byWeight)
    {
        var totalLocal = local.Localities.Aggregate(0UL, (sum, locality) => sum + Size(locality, byWeight));
        var totalUpstream = upstream.Localities.Aggregate(0UL, (sum, locality) => sum + Size(locality, byWeight));
        _local = new ulong[upstream.Localities.Length];
        _upstream = new ulong[upstream.Localities.Length];
        for (var i = 0; i < _upstream.Length; i++)
        {
            var locality = upstream.Localities[i];
            if (locality.Healthy.Length == 0)
                continue;
            var proxies = Array.Find(local.Localities, other => other.Locality == locality.Locality);
            _local[i] = totalLocal == 0 || proxies is null ? 0 : 10_000 * Size(proxies, byWeight) / totalLocal;
            _upstream[i] = 10_000 * Size(locality, byWeight) / totalUpstream;
        }
        Own = Array.FindIndex(upstream.Localities, locality => locality.Locality == own);
        OwnHealthy = Own < 0 ? 0 : upstream.Localities[Own].Healthy.Length;
    }

    /// <summary>The index of this proxy's locality among the cluster's; -1 when the cluster has no endpoint there.</summary>
    public int Own { get; }

    public int OwnHealthy { get; }

    /// <summary>The cluster has at least as large a part of its endpoints in this locality as there are proxies in it.</summary>
    public bool OwnSuffices => Own >= 0 && _upstream[Own] > 0 && _upstream[Own] >= _local[Own];

    /// <summary>The part of the requests that this locality's endpoints can take, when they cannot take all.</summary>
    public ulong OwnPerTenThousand => Own >= 0 && _local[Own] > 0 ? _upstream[Own] * 10_000 / _local[Own] : 0;

    /// <summary>What capacity other localities have left, each with all before it added.</summary>
    public ulong[] Residual()
    {
        var residual = new ulong[_upstream.Length];
        var sum = 0UL;
        for (var i = 0; i < residual.Length; i++)
        {
            if (i != Own && _upstream[i] > _local[i])
                sum += _upstream[i] - _local[i];
            residual[i] = sum;
        }
        return residual;
    }

    private static ulong Size(EndpointsOfLocality locality, bool byWeight) =>
        byWeight ? locality.Healthy.Aggregate(0UL, (sum, endpoint) => sum + endpoint.Weight) : (ulong)locality.Healthy.Length;
}
