using Weft.Http;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.HashPolicies;
using Weft.Proxy.Streams;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>What the load balancer is told about a request, the same for all its attempts. Pooled with its router; worker thread.</summary>
internal sealed class RequestBalancing
{
    private readonly GeneratedCookies _cookies = new();
    private ulong? _hash;
    private bool _isHashed;

    /// <summary>The context of a pick. The request's headers must have been changed as the route says: hash policies see them so.</summary>
    /// <param name="retry">What a retry does not want; null on the first attempt.</param>
    public LoadBalancerContext ContextFor(ClusterConfig cluster, ForwardAction forward, StreamInfo info, HeaderMap headers, RetrySelection? retry = null)
    {
        if (!_isHashed && cluster.LoadBalancing.UsesHash && (cluster.HashPolicy ?? forward.HashPolicy) is { } policy)
        {
            _isHashed = true;
            _hash = policy.Hash(headers, info, _cookies);
        }
        return new LoadBalancerContext(info, headers) { Hash = _hash, Retry = retry, MetadataMatch = cluster.LoadBalancing.UsesMetadata ? MetadataCriteria.Of(info, forward.MetadataMatch) : null };
    }

    /// <summary>Gives the client the cookies that its next requests are to be hashed by.</summary>
    public void WriteCookies(HeaderMap response) => _cookies.WriteTo(response);

    /// <summary>Ready for the next request.</summary>
    public void Reset()
    {
        _cookies.Clear();
        _hash = null;
        _isHashed = false;
    }
}
