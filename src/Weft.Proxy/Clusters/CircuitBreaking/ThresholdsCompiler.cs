using Envoy.Config.Core.V3;
using Weft.Proxy.Runtime;
using CircuitBreakersMessage = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>The thresholds of one priority to its <see cref="CircuitBreaker"/>. Any thread.</summary>
internal sealed class ThresholdsCompiler(CircuitBreakersMessage? config, RoutingPriority priority, RuntimeLayers? runtime, RuntimeKey keyPrefix, CircuitBreaker? former)
{
    private readonly CircuitBreakersMessage.Types.Thresholds? _thresholds = Of(config, priority);

    /// <summary>track_remaining: what is left of each limit is shown.</summary>
    public static bool TracksRemaining(CircuitBreakersMessage? config, RoutingPriority priority) => Of(config, priority)?.TrackRemaining ?? false;

    /// <summary>retry_budget is configured.</summary>
    public static bool HasBudget(CircuitBreakersMessage? config, RoutingPriority priority) => Of(config, priority)?.RetryBudget is not null;

    public CircuitBreaker Compile()
    {
        var requests = Limit("max_requests", _thresholds?.MaxRequests, 1024, former?.Requests);
        var pending = Limit("max_pending_requests", _thresholds?.MaxPendingRequests, 1024, former?.PendingRequests);
        var budget = new RetryBudget(_thresholds?.RetryBudget, runtime, keyPrefix, requests, pending);
        return new CircuitBreaker
        {
            Connections = Limit("max_connections", _thresholds?.MaxConnections, 1024, former?.Connections),
            PendingRequests = pending,
            Requests = requests,
            Retries = Limit("max_retries", _thresholds?.MaxRetries, 3, former?.Retries, budget),
            ConnectionPools = Limit("max_connection_pools", _thresholds?.MaxConnectionPools, uint.MaxValue, former?.ConnectionPools),
            MaxConnectionsPerEndpoint = config?.PerHostThresholds.FirstOrDefault(entry => entry.Priority == priority)?.MaxConnections,
        };
    }

    private static CircuitBreakersMessage.Types.Thresholds? Of(CircuitBreakersMessage? config, RoutingPriority priority) =>
        config?.Thresholds.FirstOrDefault(entry => entry.Priority == priority);

    private ResourceLimit Limit(string name, uint? configured, long defaultMax, ResourceLimit? former, RetryBudget? budget = null) =>
        new(new RuntimeNumber(runtime, keyPrefix with { Name = name }, configured ?? defaultMax), budget, former);
}
