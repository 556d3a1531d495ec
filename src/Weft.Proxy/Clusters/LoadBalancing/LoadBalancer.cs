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

    /// <summary>What the route's hash policy makes of the request; null: the policy picks at random.</summary>
    public ulong? Hash { get; init; }

    /// <summary>What the endpoint's metadata must be, for clusters with subsets; null: anything.</summary>
    internal Subsets.MetadataCriteria? MetadataMatch { get; init; }

    /// <summary>Which endpoints a retry does not want, and how often to pick again; null on the first attempt.</summary>
    public RetrySelection? Retry { get; init; }

    /// <summary>The priority and the health that an aggregate cluster has chosen; null: the balancer chooses.</summary>
    internal (int Priority, EndpointSelection Selection)? Forced { get; init; }

    /// <summary>The same for one of the clusters of an aggregate.</summary>
    internal LoadBalancerContext At(int priority, EndpointSelection selection) =>
        new(Info, RequestHeaders) { Avoid = Avoid, Hash = Hash, MetadataMatch = MetadataMatch, Retry = Retry, Forced = (priority, selection) };

    /// <summary>How often to pick again when an endpoint is not wanted, before any is taken.</summary>
    internal int FurtherAttempts => Retry?.MaxAttempts ?? 0;

    /// <summary>The endpoint is to be passed over while attempts are left.</summary>
    internal bool Rejects(Endpoint endpoint) => Retry is { } retry && retry.Rejects(endpoint);
}

/// <summary>What a retry asks of the next pick (retry_host_predicate, retry_priority). One per stream, pooled; worker thread.</summary>
public abstract class RetrySelection
{
    /// <summary>host_selection_retry_max_attempts; default 1: further picks before any endpoint is taken.</summary>
    public abstract int MaxAttempts { get; }

    /// <summary>The endpoint is to be passed over while attempts are left.</summary>
    public abstract bool Rejects(Endpoint endpoint);

    /// <summary>Whether endpoints of the priority were tried already (retry_priority previous_priorities); false without that extension.</summary>
    public virtual bool HasTried(int priority) => false;
}

/// <summary>Picks endpoints for one worker from one snapshot; rebuilt when the snapshot changes. Worker thread.</summary>
public abstract class LoadBalancer
{
    /// <summary>The endpoint for a request; null when none may be used (503 UH). No allocation.</summary>
    public abstract Endpoint? Pick(in LoadBalancerContext context);

    /// <summary>A worker's balancer over a snapshot. Worker thread.</summary>
    /// <param name="cluster">Whose endpoints they are.</param>
    /// <param name="endpoints">What to choose from.</param>
    /// <param name="random">Of the worker.</param>
    /// <param name="previous">The worker's balancer so far: what still holds is taken over from it.</param>
    public static LoadBalancer Create(ClusterConfig cluster, EndpointsSnapshot endpoints, RandomSource random, LoadBalancer? previous = null) =>
        (endpoints.Plan ?? BalancerPlan.Create(cluster, endpoints)).CreateBalancer(random, previous);
}
