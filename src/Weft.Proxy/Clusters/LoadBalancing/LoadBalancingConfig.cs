using Weft.Proxy.Clusters.LoadBalancing.Hashing;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>How a cluster's endpoints are chosen from: lb_policy or load_balancing_policy, with common_lb_config. Immutable.</summary>
public sealed record LoadBalancingConfig
{
    public LbPolicy Policy { get; init; }

    /// <summary>common_lb_config.healthy_panic_threshold in whole percent; default 50; 0: never panic.</summary>
    public int PanicThresholdPercent { get; init; } = 50;

    /// <summary>fail_traffic_on_panic: in panic requests are refused rather than sent to endpoints of whatever health. Default false.</summary>
    public bool FailsInPanic { get; init; }

    /// <summary>locality_weighted_lb_config: localities share requests by their weights. Default false.</summary>
    public bool IsLocalityWeighted { get; init; }

    public ZoneAwareConfig Zones { get; init; } = new();

    /// <summary>For zone-aware routing; null when there is no local cluster, or this is it.</summary>
    public LocalCluster? LocalCluster { get; init; }

    /// <summary>LEAST_REQUEST, equal weights: endpoints to draw and compare. Default 2.</summary>
    public int ChoiceCount { get; init; } = 2;

    /// <summary>LEAST_REQUEST, equal weights: all endpoints are compared (selection_method FULL_SCAN). Default false.</summary>
    public bool IsFullScan { get; init; }

    /// <summary>LEAST_REQUEST, unequal weights: the weight is divided by (active requests + 1) to this power. Default 1.</summary>
    public double ActiveRequestBias { get; init; } = 1.0;

    /// <summary>Overrides <see cref="ActiveRequestBias"/> at run time; "" when none is given.</summary>
    public string ActiveRequestBiasKey { get; init; } = "";

    /// <summary>ROUND_ROBIN and LEAST_REQUEST; null: endpoints have their whole weight at once.</summary>
    public SlowStart? SlowStart { get; init; }

    public RingHashConfig RingHash { get; init; } = new();

    public MaglevConfig Maglev { get; init; } = new();

    /// <summary>hash_balance_factor in percent of the fair share; 0: no bound.</summary>
    public uint HashBalanceFactor { get; init; }

    /// <summary>override_host_status.</summary>
    internal OverrideHostStatus OverrideStatus { get; init; } = OverrideHostStatus.Default;

    /// <summary>The policy override_host, before that which it falls back to; null: requests name no endpoints.</summary>
    internal HostSources.NamedHosts? NamedHosts { get; init; }

    /// <summary>Null: no subsets.</summary>
    internal Subsets.SubsetConfig? Subsets { get; init; }

    /// <summary>The policy looks at the request's hash.</summary>
    public bool UsesHash => Policy is LbPolicy.RingHash or LbPolicy.Maglev or LbPolicy.ClusterProvided;

    /// <summary>The request's metadata criteria matter.</summary>
    public bool UsesMetadata => Subsets is not null || Policy == LbPolicy.ClusterProvided;

    /// <summary>With what runtime says now. Asked when a snapshot is published, that is with every change of the endpoints, as in Envoy. Main thread.</summary>
    public LoadBalancingConfig With(RuntimeSnapshot runtime)
    {
        var panic = (int)Math.Min(100, runtime.GetInteger("upstream.healthy_panic_threshold", (ulong)PanicThresholdPercent));
        var bias = ActiveRequestBiasKey.Length == 0 ? ActiveRequestBias : runtime.GetDouble(ActiveRequestBiasKey, ActiveRequestBias);
        var now = this with
        {
            PanicThresholdPercent = panic,
            // Below zero would favour the busy: Envoy uses 1.0 then, too.
            ActiveRequestBias = bias >= 0 ? bias : 1.0,
            SlowStart = SlowStart?.With(runtime),
            Zones = Zones.With(runtime),
        };
        // Nearly always the same: then it need not be kept with every snapshot.
        return now.Equals(this) ? this : now;
    }
}
