using Weft.Base;
using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>What a pick may depend on; null parts where there are none (TCP, health checks).</summary>
public readonly ref struct LoadBalancerContext(StreamInfo? info, HeaderMap? requestHeaders)
{
    public StreamInfo? Info { get; } = info;

    public HeaderMap? RequestHeaders { get; } = requestHeaders;

    /// <summary>An endpoint to avoid when there is another (a retry).</summary>
    public Endpoint? Avoid { get; init; }
}

/// <summary>Picks endpoints for one worker from one snapshot; rebuilt when the snapshot changes. Worker thread.</summary>
public abstract class LoadBalancer
{
    /// <summary>The endpoint for a request; null when none may be used (503 UH). No allocation.</summary>
    public abstract Endpoint? Pick(in LoadBalancerContext context);

    /// <summary>The balancer of a cluster's policy over a snapshot.</summary>
    public static LoadBalancer Create(ClusterConfig cluster, EndpointsSnapshot endpoints, RandomSource random) =>
        new PriorityLoadBalancer(cluster, endpoints, random);
}
