using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Proxy.Runtime;
using CircuitBreakersMessage = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>The thresholds of one priority to its <see cref="CircuitBreaker"/>, with the gauges that show it. Main thread.</summary>
internal sealed class ThresholdsCompiler(CircuitBreakersMessage? config, RoutingPriority priority, RuntimeLayers? runtime, RuntimeKey keyPrefix)
{
    private readonly CircuitBreakersMessage.Types.Thresholds? _thresholds = config?.Thresholds.FirstOrDefault(entry => entry.Priority == priority);

    public CircuitBreaker Compile(StatsScope scope)
    {
        var requests = Limit("max_requests", _thresholds?.MaxRequests, 1024);
        var pending = Limit("max_pending_requests", _thresholds?.MaxPendingRequests, 1024);
        var budget = new RetryBudget(_thresholds?.RetryBudget, runtime, keyPrefix, requests, pending);
        var breaker = new CircuitBreaker
        {
            Connections = Limit("max_connections", _thresholds?.MaxConnections, 1024),
            PendingRequests = pending,
            Requests = requests,
            Retries = Limit("max_retries", _thresholds?.MaxRetries, 3, budget),
            ConnectionPools = Limit("max_connection_pools", _thresholds?.MaxConnectionPools, uint.MaxValue),
            MaxConnectionsPerEndpoint = config?.PerHostThresholds.FirstOrDefault(entry => entry.Priority == priority)?.MaxConnections,
        };
        Publish(scope, breaker.Connections, "cx_open", "remaining_cx");
        Publish(scope, breaker.PendingRequests, "rq_pending_open", "remaining_pending");
        Publish(scope, breaker.Requests, "rq_open", "remaining_rq");
        // What a budget leaves depends on the requests of the moment: it is not shown.
        Publish(scope, breaker.Retries, "rq_retry_open", "remaining_retries", showsRemaining: !budget.IsConfigured);
        Publish(scope, breaker.ConnectionPools, "cx_pool_open", "remaining_cx_pools");
        return breaker;
    }

    private ResourceLimit Limit(string name, uint? configured, long defaultMax, RetryBudget? budget = null) =>
        new(new RuntimeNumber(runtime, keyPrefix with { Name = name }, configured ?? defaultMax), budget);

    private void Publish(StatsScope scope, ResourceLimit limit, string open, string remaining, bool showsRemaining = true)
    {
        scope.ComputedGauge(open, limit);
        if (_thresholds?.TrackRemaining ?? false)
            PublishRemaining(scope, limit, remaining, showsRemaining);
    }

    private static void PublishRemaining(StatsScope scope, ResourceLimit limit, string name, bool shows) =>
        scope.ComputedGauge(name, () => shows ? Math.Max(0, limit.Max - limit.Current) : 0);
}
