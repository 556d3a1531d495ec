using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Proxy.Runtime;
using CircuitBreakersMessage = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>The thresholds of one priority to its <see cref="CircuitBreaker"/>, with the gauges that show it. Main thread.</summary>
internal sealed class ThresholdsCompiler(CircuitBreakersMessage? config, RoutingPriority priority, RuntimeLayers? runtime, RuntimeKey keyPrefix, CircuitBreaker? former)
{
    private readonly CircuitBreakersMessage.Types.Thresholds? _thresholds = config?.Thresholds.FirstOrDefault(entry => entry.Priority == priority);

    /// <param name="clusterScope">What is left of each limit is shown there, where track_remaining asks for it.</param>
    /// <param name="prefix">Of those gauges.</param>
    public CircuitBreaker Compile(StatsScope clusterScope, string prefix)
    {
        var requests = Limit("max_requests", _thresholds?.MaxRequests, 1024, former?.Requests);
        var pending = Limit("max_pending_requests", _thresholds?.MaxPendingRequests, 1024, former?.PendingRequests);
        var budget = new RetryBudget(_thresholds?.RetryBudget, runtime, keyPrefix, requests, pending);
        var breaker = new CircuitBreaker
        {
            Connections = Limit("max_connections", _thresholds?.MaxConnections, 1024, former?.Connections),
            PendingRequests = pending,
            Requests = requests,
            Retries = Limit("max_retries", _thresholds?.MaxRetries, 3, former?.Retries, budget),
            ConnectionPools = Limit("max_connection_pools", _thresholds?.MaxConnectionPools, uint.MaxValue, former?.ConnectionPools),
            MaxConnectionsPerEndpoint = config?.PerHostThresholds.FirstOrDefault(entry => entry.Priority == priority)?.MaxConnections,
        };
        if (!(_thresholds?.TrackRemaining ?? false))
            return breaker;
        var scope = clusterScope.Scope(prefix);
        PublishRemaining(scope, breaker.Connections, "remaining_cx");
        PublishRemaining(scope, breaker.PendingRequests, "remaining_pending");
        PublishRemaining(scope, breaker.Requests, "remaining_rq");
        // What a budget leaves depends on the requests of the moment: it is not shown.
        PublishRemaining(scope, breaker.Retries, "remaining_retries", shows: !budget.IsConfigured);
        PublishRemaining(scope, breaker.ConnectionPools, "remaining_cx_pools");
        return breaker;
    }

    private ResourceLimit Limit(string name, uint? configured, long defaultMax, ResourceLimit? former, RetryBudget? budget = null) =>
        new(new RuntimeNumber(runtime, keyPrefix with { Name = name }, configured ?? defaultMax), budget, former);

    private static void PublishRemaining(StatsScope scope, ResourceLimit limit, string name, bool shows = true) =>
        scope.ComputedGauge(name, () => shows ? Math.Max(0, limit.Max - limit.Current) : 0);
}
