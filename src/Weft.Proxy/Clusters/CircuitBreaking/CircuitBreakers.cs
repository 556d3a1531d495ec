using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Runtime;
using CircuitBreakersMessage = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>The limits of one cluster, by priority; counts are shared by all workers (atomics), as in Envoy.</summary>
public sealed class CircuitBreakers : IComputedGauges
{
    private static readonly string[] s_open = ["cx_open", "rq_pending_open", "rq_open", "rq_retry_open", "cx_pool_open"];
    private static readonly StatNames s_names = new("circuit breakers", 2 * s_open.Length, NameOf, isAlwaysListed: true);

    public required CircuitBreaker Default { get; init; }

    public required CircuitBreaker High { get; init; }

    StatNames IComputedGauges.Names => s_names;

    public CircuitBreaker this[int priority] => priority == 0 ? Default : High;

    /// <summary>Reports what per_host_thresholds cannot say.</summary>
    internal static void Check(CircuitBreakersMessage? config, ConfigContext context)
    {
        foreach (var entry in config?.PerHostThresholds ?? [])
        {
            if (entry is not { MaxPendingRequests: null, MaxRequests: null, MaxRetries: null, MaxConnectionPools: null, RetryBudget: null })
                context.Error(entry, null, "Unsupported field in per_host_thresholds");
        }
    }

    /// <summary>The configured thresholds, or the defaults; the first entry of a priority counts.</summary>
    /// <param name="config">Null: the defaults.</param>
    /// <param name="clusterScope">Gauges are made under its <c>circuit_breakers.</c>.</param>
    /// <param name="runtime">Overrides thresholds by <c>circuit_breakers.CLUSTER.PRIORITY.*</c>; null: nothing does.</param>
    /// <param name="cluster">Name for the runtime keys.</param>
    /// <param name="former">The limits of the same cluster so far, whose counts go on; null: none.</param>
    public static CircuitBreakers Create(CircuitBreakersMessage? config, StatsScope clusterScope, RuntimeLayers? runtime = null, string cluster = "", CircuitBreakers? former = null)
    {
        var breakers = new CircuitBreakers
        {
            Default = new ThresholdsCompiler(config, RoutingPriority.Default, runtime, new RuntimeKey("circuit_breakers.", cluster, ".default."), former?.Default).Compile(clusterScope, "circuit_breakers.default."),
            High = new ThresholdsCompiler(config, RoutingPriority.High, runtime, new RuntimeKey("circuit_breakers.", cluster, ".high."), former?.High).Compile(clusterScope, "circuit_breakers.high."),
        };
        clusterScope.ComputedGauges(breakers);
        return breakers;
    }

    IComputedGauge IComputedGauges.Gauge(int member)
    {
        var breaker = this[member / s_open.Length];
        return (member % s_open.Length) switch
        {
            0 => breaker.Connections,
            1 => breaker.PendingRequests,
            2 => breaker.Requests,
            3 => breaker.Retries,
            _ => breaker.ConnectionPools,
        };
    }

    private static string NameOf(int member) => (member < s_open.Length ? "circuit_breakers.default." : "circuit_breakers.high.") + s_open[member % s_open.Length];
}
