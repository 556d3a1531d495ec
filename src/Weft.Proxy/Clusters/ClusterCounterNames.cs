using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>
/// The counters that every cluster has, by their place in <see cref="ClusterStats"/>: a family, because each name of its own would cost a
/// cluster more than its endpoints do.
/// </summary>
internal static class ClusterCounterNames
{
    private static readonly string[] s_names =
    [
        "upstream_cx_total",
        "upstream_cx_http1_total",
        "upstream_cx_connect_fail",
        "upstream_cx_connect_timeout",
        "upstream_cx_idle_timeout",
        "upstream_cx_max_duration_reached",
        "upstream_cx_connect_attempts_exceeded",
        "upstream_cx_overflow",
        "upstream_cx_destroy",
        "upstream_cx_destroy_local",
        "upstream_cx_destroy_remote",
        "upstream_cx_destroy_with_active_rq",
        "upstream_cx_destroy_local_with_active_rq",
        "upstream_cx_destroy_remote_with_active_rq",
        "upstream_cx_close_notify",
        "upstream_cx_rx_bytes_total",
        "upstream_cx_tx_bytes_total",
        "upstream_cx_protocol_error",
        "upstream_cx_max_requests",
        "upstream_cx_none_healthy",
        "upstream_cx_pool_overflow",
        "upstream_rq_total",
        "upstream_rq_pending_total",
        "upstream_rq_pending_overflow",
        "upstream_rq_pending_failure_eject",
        "upstream_rq_cancelled",
        "upstream_rq_maintenance_mode",
        "upstream_rq_drop_overload",
        "upstream_rq_timeout",
        "upstream_rq_max_duration_reached",
        "upstream_rq_per_try_timeout",
        "upstream_rq_rx_reset",
        "upstream_rq_tx_reset",
        "upstream_rq_retry",
        "upstream_rq_retry_success",
        "upstream_rq_retry_overflow",
        "upstream_rq_retry_limit_exceeded",
        "upstream_flow_control_paused_reading_total",
        "upstream_flow_control_resumed_reading_total",
        "upstream_flow_control_backed_up_total",
        "upstream_flow_control_drained_total",
        "upstream_http3_broken",
        "update_empty",
        "update_no_rebuild",
        "bind_errors",
        "lb_healthy_panic",
        "lb_recalculate_zone_structures",
        "assignment_stale",
        "assignment_timeout_received",
        "assignment_use_cached",
        "lb_local_cluster_not_ok",
        "lb_subsets_created",
        "lb_subsets_fallback",
        "lb_subsets_fallback_panic",
        "lb_subsets_removed",
        "lb_subsets_selected",
        "lb_zone_cluster_too_small",
        "lb_zone_no_capacity_left",
        "lb_zone_routing_all_directly",
        "lb_zone_routing_cross_zone",
        "lb_zone_routing_sampled",
        "original_dst_host_invalid",
        "retry_or_shadow_abandoned",
        "upstream_cx_connect_with_0_rtt",
        "upstream_cx_http2_total",
        "upstream_cx_http3_total",
        "upstream_internal_redirect_failed_total",
        "upstream_internal_redirect_succeeded_total",
        "upstream_rq_completed",
        "upstream_rq_0rtt",
        "upstream_rq_per_try_idle_timeout",
        "upstream_rq_retry_backoff_exponential",
        "upstream_rq_retry_backoff_ratelimited",
    ];

    /// <summary>Counted when a cluster begins: apart from the others, which need memory only once the cluster is used.</summary>
    private static readonly string[] s_early = ["membership_change", "update_attempt", "update_success", "update_failure"];

    public static readonly StatNames Early = new("early cluster counters", s_early.Length, static member => s_early[member], isAlwaysListed: true);

    public static readonly StatNames All = new("cluster counters", s_names.Length, static member => s_names[member], isAlwaysListed: true);
}
