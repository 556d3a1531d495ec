using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>The statistics <c>cluster.NAME.*</c>, under Envoy's names.</summary>
public sealed class ClusterStats
{
    public ClusterStats(StatsScope scope) => throw new NotImplementedException();

    public Counter UpstreamCxTotal { get; }
    public Gauge UpstreamCxActive { get; }
    public Counter UpstreamCxHttp1Total { get; }
    public Counter UpstreamCxConnectFail { get; }
    public Counter UpstreamCxConnectTimeout { get; }
    public Counter UpstreamCxConnectWithZeroPriorDataMs { get; }
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

    /// <summary>
    /// Counts a finished upstream request by its status: upstream_rq_completed, upstream_rq_xx and upstream_rq_NNN, the
    /// same under external. or internal., canary. when asked, and the upstream_rq_time histograms. No name is built here:
    /// counters of the usual codes are made up front, rare ones on the first use.
    /// </summary>
    public void ChargeResponse(int status, long durationMs, bool isInternal, bool isCanary) => throw new NotImplementedException();
}
