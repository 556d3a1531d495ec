using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Runtime;
using CircuitBreakersMessage = Envoy.Config.Cluster.V3.CircuitBreakers;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>
/// The limits of one cluster, by priority; counts are shared by all workers (atomics), as in Envoy. Those of a priority are made when something
/// first counts in them: of many clusters few are in use at a time. Any thread.
/// </summary>
public sealed class CircuitBreakers : IComputedGauges
{
    private static readonly string[] s_open = ["cx_open", "rq_pending_open", "rq_open", "rq_retry_open", "cx_pool_open"];
    private static readonly StatNames s_names = new("circuit breakers", 2 * s_open.Length, NameOf, isAlwaysListed: true);

    /// <summary>For who only looks, what was made last for each priority: nothing ever counts in it, and of many clusters nearly all say the same.</summary>
    private static readonly Unused?[] s_unused = new Unused?[2];

    private readonly CircuitBreakersMessage? _config;
    private readonly RuntimeLayers? _runtime;
    private readonly string _cluster;

    /// <summary>The first of the same cluster, in whose limits those that follow count; itself when it is the first.</summary>
    private readonly CircuitBreakers _first;
    private CircuitBreaker? _default;
    private CircuitBreaker? _high;

    private CircuitBreakers(CircuitBreakersMessage? config, RuntimeLayers? runtime, string cluster, CircuitBreakers? former)
    {
        (_config, _runtime, _cluster) = (config, runtime, cluster);
        _first = former?._first ?? this;
    }

    public CircuitBreaker Default => this[0];

    public CircuitBreaker High => this[1];

    StatNames IComputedGauges.Names => s_names;

    /// <summary>0: default priority, 1: high.</summary>
    public CircuitBreaker this[int priority] => priority == 0
        ? Volatile.Read(ref _default) ?? Make(ref _default, priority)
        : Volatile.Read(ref _high) ?? Make(ref _high, priority);

    /// <summary>The limits of a priority for who only looks: as they are, or as they would be.</summary>
    internal CircuitBreaker Look(int priority)
    {
        if (IsMade(priority) || _first.IsMade(priority))
            return this[priority];
        if (_runtime is not null && _runtime.Current.KeyCount > 0)
            return Compile(priority);
        var unused = Volatile.Read(ref s_unused[priority]);
        if (unused is null || !ReferenceEquals(unused.Config, _config))
            Volatile.Write(ref s_unused[priority], unused = new Unused(_config, new CircuitBreakers(_config, null, "", null).Compile(priority)));
        return unused.Breaker;
    }

    /// <summary>Reports what per_host_thresholds cannot say.</summary>
    internal static void Check(CircuitBreakersMessage? config, ConfigContext context)
    {
        foreach (var entry in config?.PerHostThresholds ?? [])
        {
            if (entry is not { MaxPendingRequests: null, MaxRequests: null, MaxRetries: null, MaxConnectionPools: null, RetryBudget: null })
                context.Error(entry, null, "Unsupported field in per_host_thresholds");
        }
    }

    /// <summary>The configured thresholds, or the defaults; the first entry of a priority counts. Main thread.</summary>
    /// <param name="config">Null: the defaults.</param>
    /// <param name="clusterScope">Gauges are made under its <c>circuit_breakers.</c>.</param>
    /// <param name="runtime">Overrides thresholds by <c>circuit_breakers.CLUSTER.PRIORITY.*</c>; null: nothing does.</param>
    /// <param name="cluster">Name for the runtime keys.</param>
    /// <param name="former">The limits of the same cluster so far, whose counts go on; null: none.</param>
    public static CircuitBreakers Create(CircuitBreakersMessage? config, StatsScope clusterScope, RuntimeLayers? runtime = null, string cluster = "", CircuitBreakers? former = null)
    {
        config = config is null or { Thresholds.Count: 0, PerHostThresholds.Count: 0 } ? null : Shared<CircuitBreakersMessage>.Of(config);
        var breakers = new CircuitBreakers(config, runtime, cluster, former);
        clusterScope.ComputedGauges(breakers);
        for (var priority = 0; priority < 2; priority++)
        {
            if (ThresholdsCompiler.TracksRemaining(config, PriorityOf(priority)))
                breakers[priority].PublishRemaining(clusterScope.Scope("circuit_breakers." + NameOfPriority(priority)), ThresholdsCompiler.HasBudget(config, PriorityOf(priority)));
        }

        return breakers;
    }

    IComputedGauge IComputedGauges.Gauge(int member)
    {
        var breaker = Look(member / s_open.Length);
        return (member % s_open.Length) switch
        {
            0 => breaker.Connections,
            1 => breaker.PendingRequests,
            2 => breaker.Requests,
            3 => breaker.Retries,
            _ => breaker.ConnectionPools,
        };
    }

    private static string NameOf(int member) => "circuit_breakers." + NameOfPriority(member / s_open.Length) + s_open[member % s_open.Length];

    private static string NameOfPriority(int priority) => priority == 0 ? "default." : "high.";

    private static RoutingPriority PriorityOf(int priority) => priority == 0 ? RoutingPriority.Default : RoutingPriority.High;

    /// <summary>Several threads may make one; the first counts.</summary>
    private CircuitBreaker Make(ref CircuitBreaker? made, int priority)
    {
        var breaker = Compile(priority);
        return Interlocked.CompareExchange(ref made, breaker, null) ?? breaker;
    }

    private CircuitBreaker Compile(int priority) =>
        new ThresholdsCompiler(_config, PriorityOf(priority), _runtime, new RuntimeKey("circuit_breakers.", _cluster, "." + NameOfPriority(priority)), _first == this ? null : _first[priority]).Compile();

    private bool IsMade(int priority) => Volatile.Read(ref (priority == 0 ? ref _default : ref _high)) is not null;

    private sealed record Unused(CircuitBreakersMessage? Config, CircuitBreaker Breaker);
}
