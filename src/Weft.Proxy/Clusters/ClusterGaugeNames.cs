using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>The gauges that every cluster has, by their place in <see cref="ClusterStats"/>: a family, as its counters are.</summary>
internal static class ClusterGaugeNames
{
    private static readonly string[] s_names =
    [
        "upstream_cx_active",
        "upstream_cx_rx_bytes_buffered",
        "upstream_cx_tx_bytes_buffered",
        "upstream_rq_active",
        "upstream_rq_pending_active",
        "membership_total",
        "membership_healthy",
        "membership_degraded",
        "membership_excluded",
        "version",
        "max_host_weight",
        "warming_state",
        "lb_subsets_active",
        "lb_subsets_single_host_per_subset_duplicate",
    ];

    public static readonly StatNames All = new("cluster gauges", s_names.Length, static member => s_names[member], isAlwaysListed: true);
}
