using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Dns.Cache;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>A dynamic forward proxy with sub clusters, on one worker: picks in the cluster of the host that the request names. Worker thread.</summary>
internal sealed class SubClusterBalancer(Worker worker, DynamicForwardProxyConfig config) : IMemberBalancer
{
    private Endpoint? _lastEndpoint;
    private WorkerCluster? _lastOwner;

    public Endpoint? Pick(in LoadBalancerContext context)
    {
        Span<char> key = stackalloc char[DnsCacheKey.MaxChars];
        if (!config.TryKey(context, key, out var length) || config.SubClusters!.Find(key[..length]) is not { } member || worker.Clusters.Find(member.Reference) is not { } cluster)
            return null;
        if (!member.WasUsed)
            member.WasUsed = true;
        _lastOwner = cluster;
        return _lastEndpoint = cluster.Pick(context);
    }

    /// <summary>Whoever picks goes on with the endpoint at once, so that the last one is the one that is meant.</summary>
    public WorkerCluster? OwnerOf(Endpoint endpoint) => ReferenceEquals(endpoint, _lastEndpoint) ? _lastOwner : null;
}
