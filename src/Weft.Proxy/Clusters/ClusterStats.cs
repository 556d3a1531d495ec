using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>The statistics <c>cluster.NAME.*</c>, under Envoy's names.</summary>
public sealed class ClusterStats
{
    private readonly CounterFamily _responses;
    private readonly HistogramFamily _responseTimes;

    /// <param name="scope">The scope <c>cluster.NAME.</c>; the caller disposes it.</param>
    public ClusterStats(StatsScope scope)
    {
        UpstreamCxTotal = scope.Counter("upstream_cx_total");
        UpstreamCxActive = scope.Gauge("upstream_cx_active");
        UpstreamCxHttp1Total = scope.Counter("upstream_cx_http1_total");
        UpstreamCxConnectFail = scope.Counter("upstream_cx_connect_fail");
        UpstreamCxConnectTimeout = scope.Counter("upstream_cx_connect_timeout");
        UpstreamCxIdleTimeout = scope.Counter("upstream_cx_idle_timeout");
        UpstreamCxMaxDurationReached = scope.Counter("upstream_cx_max_duration_reached");
        UpstreamCxConnectAttemptsExceeded = scope.Counter("upstream_cx_connect_attempts_exceeded");
        UpstreamCxOverflow = scope.Counter("upstream_cx_overflow");
        UpstreamCxConnectMs = scope.Histogram("upstream_cx_connect_ms", HistogramUnit.Milliseconds);
        UpstreamCxLengthMs = scope.Histogram("upstream_cx_length_ms", HistogramUnit.Milliseconds);
        UpstreamCxDestroy = scope.Counter("upstream_cx_destroy");
        UpstreamCxDestroyLocal = scope.Counter("upstream_cx_destroy_local");
        UpstreamCxDestroyRemote = scope.Counter("upstream_cx_destroy_remote");
        UpstreamCxDestroyWithActiveRq = scope.Counter("upstream_cx_destroy_with_active_rq");
        UpstreamCxDestroyLocalWithActiveRq = scope.Counter("upstream_cx_destroy_local_with_active_rq");
        UpstreamCxDestroyRemoteWithActiveRq = scope.Counter("upstream_cx_destroy_remote_with_active_rq");
        UpstreamCxCloseNotify = scope.Counter("upstream_cx_close_notify");
        UpstreamCxRxBytesTotal = scope.Counter("upstream_cx_rx_bytes_total");
        UpstreamCxRxBytesBuffered = scope.Gauge("upstream_cx_rx_bytes_buffered");
        UpstreamCxTxBytesTotal = scope.Counter("upstream_cx_tx_bytes_total");
        UpstreamCxTxBytesBuffered = scope.Gauge("upstream_cx_tx_bytes_buffered");
        UpstreamCxProtocolError = scope.Counter("upstream_cx_protocol_error");
        UpstreamCxMaxRequests = scope.Counter("upstream_cx_max_requests");
        UpstreamCxNoneHealthy = scope.Counter("upstream_cx_none_healthy");
        UpstreamCxPoolOverflow = scope.Counter("upstream_cx_pool_overflow");
        UpstreamRqTotal = scope.Counter("upstream_rq_total");
        UpstreamRqActive = scope.Gauge("upstream_rq_active");
        UpstreamRqPendingTotal = scope.Counter("upstream_rq_pending_total");
        UpstreamRqPendingOverflow = scope.Counter("upstream_rq_pending_overflow");
        UpstreamRqPendingFailureEject = scope.Counter("upstream_rq_pending_failure_eject");
        UpstreamRqPendingActive = scope.Gauge("upstream_rq_pending_active");
        UpstreamRqCancelled = scope.Counter("upstream_rq_cancelled");
        UpstreamRqMaintenanceMode = scope.Counter("upstream_rq_maintenance_mode");
        UpstreamRqDropOverload = scope.Counter("upstream_rq_drop_overload");
        UpstreamRqTimeout = scope.Counter("upstream_rq_timeout");
        UpstreamRqMaxDurationReached = scope.Counter("upstream_rq_max_duration_reached");
        UpstreamRqPerTryTimeout = scope.Counter("upstream_rq_per_try_timeout");
        UpstreamRqRxReset = scope.Counter("upstream_rq_rx_reset");
        UpstreamRqTxReset = scope.Counter("upstream_rq_tx_reset");
        UpstreamRqRetry = scope.Counter("upstream_rq_retry");
        UpstreamRqRetrySuccess = scope.Counter("upstream_rq_retry_success");
        UpstreamRqRetryOverflow = scope.Counter("upstream_rq_retry_overflow");
        UpstreamRqRetryLimitExceeded = scope.Counter("upstream_rq_retry_limit_exceeded");
        UpstreamFlowControlPausedReadingTotal = scope.Counter("upstream_flow_control_paused_reading_total");
        UpstreamFlowControlResumedReadingTotal = scope.Counter("upstream_flow_control_resumed_reading_total");
        UpstreamFlowControlBackedUpTotal = scope.Counter("upstream_flow_control_backed_up_total");
        UpstreamFlowControlDrainedTotal = scope.Counter("upstream_flow_control_drained_total");
        MembershipTotal = scope.Gauge("membership_total");
        MembershipHealthy = scope.Gauge("membership_healthy");
        MembershipDegraded = scope.Gauge("membership_degraded");
        MembershipExcluded = scope.Gauge("membership_excluded");
        MembershipChange = scope.Counter("membership_change");
        UpdateAttempt = scope.Counter("update_attempt");
        UpdateSuccess = scope.Counter("update_success");
        UpdateFailure = scope.Counter("update_failure");
        UpdateEmpty = scope.Counter("update_empty");
        UpdateNoRebuild = scope.Counter("update_no_rebuild");
        Version = scope.Gauge("version");
        MaxHostWeight = scope.Gauge("max_host_weight");
        BindErrors = scope.Counter("bind_errors");
        LbHealthyPanic = scope.Counter("lb_healthy_panic");
        LbRecalculateZoneStructures = scope.Counter("lb_recalculate_zone_structures");
        AssignmentStale = scope.Counter("assignment_stale");
        AssignmentTimeoutReceived = scope.Counter("assignment_timeout_received");
        AssignmentUseCached = scope.Counter("assignment_use_cached");
        WarmingState = scope.Gauge("warming_state");
        LbLocalClusterNotOk = scope.Counter("lb_local_cluster_not_ok");
        LbSubsetsActive = scope.Gauge("lb_subsets_active");
        LbSubsetsCreated = scope.Counter("lb_subsets_created");
        LbSubsetsFallback = scope.Counter("lb_subsets_fallback");
        LbSubsetsFallbackPanic = scope.Counter("lb_subsets_fallback_panic");
        LbSubsetsRemoved = scope.Counter("lb_subsets_removed");
        LbSubsetsSelected = scope.Counter("lb_subsets_selected");
        LbSubsetsSingleHostPerSubsetDuplicate = scope.Gauge("lb_subsets_single_host_per_subset_duplicate");
        LbZoneClusterTooSmall = scope.Counter("lb_zone_cluster_too_small");
        LbZoneNoCapacityLeft = scope.Counter("lb_zone_no_capacity_left");
        LbZoneRoutingAllDirectly = scope.Counter("lb_zone_routing_all_directly");
        LbZoneRoutingCrossZone = scope.Counter("lb_zone_routing_cross_zone");
        LbZoneRoutingSampled = scope.Counter("lb_zone_routing_sampled");
        OriginalDstHostInvalid = scope.Counter("original_dst_host_invalid");
        RetryOrShadowAbandoned = scope.Counter("retry_or_shadow_abandoned");
        UpstreamCxConnectWith0Rtt = scope.Counter("upstream_cx_connect_with_0_rtt");
        UpstreamCxHttp2Total = scope.Counter("upstream_cx_http2_total");
        UpstreamCxHttp3Total = scope.Counter("upstream_cx_http3_total");
        UpstreamInternalRedirectFailedTotal = scope.Counter("upstream_internal_redirect_failed_total");
        UpstreamInternalRedirectSucceededTotal = scope.Counter("upstream_internal_redirect_succeeded_total");
        UpstreamRqCompleted = scope.Counter("upstream_rq_completed");
        UpstreamRq0rtt = scope.Counter("upstream_rq_0rtt");
        UpstreamRqPerTryIdleTimeout = scope.Counter("upstream_rq_per_try_idle_timeout");
        UpstreamRqRetryBackoffExponential = scope.Counter("upstream_rq_retry_backoff_exponential");
        UpstreamRqRetryBackoffRatelimited = scope.Counter("upstream_rq_retry_backoff_ratelimited");
        UpstreamHttp3Broken = scope.Counter("upstream_http3_broken");
        UpstreamRqPerCx = scope.Histogram("upstream_rq_per_cx");
        Grpc = scope.Counters(GrpcStatNames.Counters);
        GrpcTimes = scope.Histograms(GrpcStatNames.Times, HistogramUnit.Milliseconds);
        _responses = scope.Counters(ResponseStatNames.Counters);
        _responseTimes = scope.Histograms(ResponseStatNames.Times, HistogramUnit.Milliseconds);
    }

    /// <summary>Of gRPC calls, by <see cref="GrpcStatNames"/>; counted by the grpc_stats filter.</summary>
    public CounterFamily Grpc { get; }

    /// <summary>How long gRPC calls take, of one member.</summary>
    public HistogramFamily GrpcTimes { get; }

    public Counter UpstreamCxTotal { get; }
    public Gauge UpstreamCxActive { get; }
    public Counter UpstreamCxHttp1Total { get; }
    public Counter UpstreamCxConnectFail { get; }
    public Counter UpstreamCxConnectTimeout { get; }
    public Counter UpstreamCxIdleTimeout { get; }
    public Counter UpstreamCxMaxDurationReached { get; }
    public Counter UpstreamCxConnectAttemptsExceeded { get; }
    public Counter UpstreamCxOverflow { get; }
    public Histogram UpstreamCxConnectMs { get; }
    public Histogram UpstreamCxLengthMs { get; }
    public Counter UpstreamCxDestroy { get; }
    public Counter UpstreamCxDestroyLocal { get; }
    public Counter UpstreamCxDestroyRemote { get; }
    public Counter UpstreamCxDestroyWithActiveRq { get; }
    public Counter UpstreamCxDestroyLocalWithActiveRq { get; }
    public Counter UpstreamCxDestroyRemoteWithActiveRq { get; }
    public Counter UpstreamCxCloseNotify { get; }
    public Counter UpstreamCxRxBytesTotal { get; }
    public Gauge UpstreamCxRxBytesBuffered { get; }
    public Counter UpstreamCxTxBytesTotal { get; }
    public Gauge UpstreamCxTxBytesBuffered { get; }
    public Counter UpstreamCxProtocolError { get; }
    public Counter UpstreamCxMaxRequests { get; }
    public Counter UpstreamCxNoneHealthy { get; }
    public Counter UpstreamCxPoolOverflow { get; }
    public Counter UpstreamRqTotal { get; }
    public Gauge UpstreamRqActive { get; }
    public Counter UpstreamRqPendingTotal { get; }
    public Counter UpstreamRqPendingOverflow { get; }
    public Counter UpstreamRqPendingFailureEject { get; }
    public Gauge UpstreamRqPendingActive { get; }
    public Counter UpstreamRqCancelled { get; }
    public Counter UpstreamRqMaintenanceMode { get; }

    /// <summary>Refused by policy.drop_overloads. In Envoy only load reports have it.</summary>
    public Counter UpstreamRqDropOverload { get; }
    public Counter UpstreamRqTimeout { get; }
    public Counter UpstreamRqMaxDurationReached { get; }
    public Counter UpstreamRqPerTryTimeout { get; }
    public Counter UpstreamRqRxReset { get; }
    public Counter UpstreamRqTxReset { get; }
    public Counter UpstreamRqRetry { get; }
    public Counter UpstreamRqRetrySuccess { get; }
    public Counter UpstreamRqRetryOverflow { get; }
    public Counter UpstreamRqRetryLimitExceeded { get; }
    public Counter UpstreamFlowControlPausedReadingTotal { get; }
    public Counter UpstreamFlowControlResumedReadingTotal { get; }
    public Counter UpstreamFlowControlBackedUpTotal { get; }
    public Counter UpstreamFlowControlDrainedTotal { get; }
    public Gauge MembershipTotal { get; }
    public Gauge MembershipHealthy { get; }
    public Gauge MembershipDegraded { get; }
    public Gauge MembershipExcluded { get; }
    public Counter MembershipChange { get; }
    public Counter UpdateAttempt { get; }
    public Counter UpdateSuccess { get; }
    public Counter UpdateFailure { get; }
    public Counter UpdateEmpty { get; }
    public Counter UpdateNoRebuild { get; }
    public Gauge Version { get; }
    public Gauge MaxHostWeight { get; }
    public Counter BindErrors { get; }
    public Counter LbHealthyPanic { get; }
    public Counter LbRecalculateZoneStructures { get; }
    public Counter AssignmentStale { get; }
    public Counter AssignmentTimeoutReceived { get; }
    public Counter AssignmentUseCached { get; }
    public Gauge WarmingState { get; }
    public Counter LbLocalClusterNotOk { get; }
    public Gauge LbSubsetsActive { get; }
    public Counter LbSubsetsCreated { get; }
    public Counter LbSubsetsFallback { get; }
    public Counter LbSubsetsFallbackPanic { get; }
    public Counter LbSubsetsRemoved { get; }
    public Counter LbSubsetsSelected { get; }
    public Gauge LbSubsetsSingleHostPerSubsetDuplicate { get; }
    public Counter LbZoneClusterTooSmall { get; }
    public Counter LbZoneNoCapacityLeft { get; }
    public Counter LbZoneRoutingAllDirectly { get; }
    public Counter LbZoneRoutingCrossZone { get; }
    public Counter LbZoneRoutingSampled { get; }
    public Counter OriginalDstHostInvalid { get; }
    public Counter RetryOrShadowAbandoned { get; }
    public Counter UpstreamCxConnectWith0Rtt { get; }
    public Counter UpstreamCxHttp2Total { get; }
    public Counter UpstreamCxHttp3Total { get; }
    public Counter UpstreamInternalRedirectFailedTotal { get; }
    public Counter UpstreamInternalRedirectSucceededTotal { get; }
    public Counter UpstreamRqCompleted { get; }
    public Counter UpstreamRq0rtt { get; }
    public Counter UpstreamRqPerTryIdleTimeout { get; }
    public Counter UpstreamRqRetryBackoffExponential { get; }
    public Counter UpstreamRqRetryBackoffRatelimited { get; }
    public Counter UpstreamHttp3Broken { get; }
    public Histogram UpstreamRqPerCx { get; }

    /// <summary>
    /// Counts a finished upstream request by its status: upstream_rq_completed, upstream_rq_xx and upstream_rq_NNN, the
    /// same under external. or internal., canary. when asked, and the upstream_rq_time histograms. No name is built here:
    /// the counters are members of a family, listed once they were counted.
    /// </summary>
    /// <param name="durationMs">Negative: no time is recorded (Envoy counts, but does not time, what it answered itself).</param>
    public void ChargeResponse(int status, long durationMs, bool isInternal, bool isCanary)
    {
        UpstreamRqCompleted.Inc();
        Charge(ResponseStatNames.Plain, status, durationMs);
        ChargeGroup(isInternal ? ResponseStatNames.Internal : ResponseStatNames.External, status, durationMs);
        if (isCanary)
            ChargeGroup(ResponseStatNames.Canary, status, durationMs);
    }

    /// <summary>Counts a response that is tried again, under <c>retry.</c>.</summary>
    public void ChargeRetry(int status) => ChargeGroup(ResponseStatNames.Retry, status, durationMs: -1);

    private void ChargeGroup(int group, int status, long durationMs)
    {
        _responses[ResponseStatNames.Completed(group)].Inc();
        Charge(group, status, durationMs);
    }

    private void Charge(int group, int status, long durationMs)
    {
        if (ResponseStatNames.Class(group, status) is >= 0 and var statusClass)
            _responses[statusClass].Inc();
        _responses[ResponseStatNames.Code(group, status)].Inc();
        if (durationMs >= 0)
            _responseTimes[group].Record(durationMs);
    }
}
