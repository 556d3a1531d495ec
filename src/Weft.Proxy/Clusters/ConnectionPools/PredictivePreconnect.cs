using Weft.Proxy.Clusters.LoadBalancing;

namespace Weft.Proxy.Clusters.ConnectionPools;

/// <summary>
/// The endpoints that the next requests will go to, picked ahead so that there is a connection when they come (preconnect_policy.predictive_preconnect_ratio). Requests
/// that ask for something of their own (a hash, metadata, a retry) are picked for as ever. Worker thread.
/// </summary>
/// <param name="ratio">Streams that the cluster's connections should take per stream that is wanted; above 1.</param>
internal sealed class PredictivePreconnect(double ratio)
{
    /// <summary>Connections made ahead of one request: what one request may cost is bounded, as in Envoy.</summary>
    public const int MostAtOnce = 3;

    private readonly Queue<Endpoint> _picked = [];

    /// <summary>Endpoints picked that no request has been sent to.</summary>
    public int Count => _picked.Count;

    public double Ratio => ratio;

    /// <summary>Null: the cluster wants none, or its policy cannot tell who is next.</summary>
    public static PredictivePreconnect? Of(ClusterConfig config) =>
        config is { PredictivePreconnectRatio: > 1, LoadBalancing: { Subsets: null, Policy: LbPolicy.RoundRobin or LbPolicy.LeastRequest or LbPolicy.Random } }
            ? new PredictivePreconnect(config.PredictivePreconnectRatio)
            : null;

    /// <summary>What was picked ahead for a request like this; null: nothing was.</summary>
    public Endpoint? Take(in LoadBalancerContext context) =>
        context is { Retry: null, MetadataMatch: null, Forced: null, Avoid: null } && _picked.TryDequeue(out var endpoint) ? endpoint : null;

    public void Add(Endpoint endpoint) => _picked.Enqueue(endpoint);

    /// <summary>The endpoints changed: what was picked may not be there any more.</summary>
    public void Forget() => _picked.Clear();
}

/// <summary>What pools carry and could carry.</summary>
internal struct PoolLoad
{
    /// <summary>Requests that wait for a connection.</summary>
    public long Pending;

    /// <summary>Streams under way.</summary>
    public long Active;

    /// <summary>Streams that connections could take besides, those on the way included.</summary>
    public long Free;

    /// <summary>With one more stream, which is about to come, the ratio asks for more than there is.</summary>
    public readonly bool WantsMore(double ratio) => (Pending + Active + 1) * ratio > Free + Active;
}
