using Weft.Base.Stats;

namespace Weft.Proxy.Clusters;

/// <summary>The statistics <c>cluster.NAME.*</c>, under Envoy's names.</summary>
public sealed class ClusterStats
{
    private static readonly StatNames ClusterTimeNames = new("cluster times", 2, static member => member == 0 ? "upstream_cx_connect_ms" : "upstream_cx_length_ms", isAlwaysListed: true);

    private readonly CounterFamily _counters;
    private readonly CounterFamily _early;
    private readonly GaugeFamily _gauges;
    private readonly HistogramFamily _times;
    private readonly CounterFamily _http1;
    private readonly ResponseGroups _responses;

    /// <param name="scope">The scope <c>cluster.NAME.</c>; the caller disposes it.</param>
    public ClusterStats(StatsScope scope)
    {
        _counters = scope.Counters(ClusterCounterNames.All);
        _early = scope.Counters(ClusterCounterNames.Early);
        _gauges = scope.Gauges(ClusterGaugeNames.All);
        _times = scope.Histograms(ClusterTimeNames, HistogramUnit.Milliseconds);
        UpstreamRqPerCx = scope.Histogram("upstream_rq_per_cx");
        Grpc = scope.Counters(GrpcStatNames.Counters);
        GrpcTimes = scope.Histograms(GrpcStatNames.Times, HistogramUnit.Milliseconds);
        _http1 = scope.Counters(Http1StatNames.All);
        _responses = new ResponseGroups(scope);
    }

    /// <summary>Of gRPC calls, by <see cref="GrpcStatNames"/>; counted by the grpc_stats filter.</summary>
    public CounterFamily Grpc { get; }

    /// <summary>How long gRPC calls take, of one member.</summary>
    public HistogramFamily GrpcTimes { get; }

    /// <summary>HTTP/2 metadata that HTTP/1 has no place for.</summary>
    public Counter Http1MetadataNotSupportedError => _http1[Http1StatNames.MetadataNotSupportedError];

    public Counter UpstreamCxTotal => _counters[0];
    public Gauge UpstreamCxActive => _gauges[0];
    public Counter UpstreamCxHttp1Total => _counters[1];
    public Counter UpstreamCxConnectFail => _counters[2];
    public Counter UpstreamCxConnectTimeout => _counters[3];
    public Counter UpstreamCxIdleTimeout => _counters[4];
    public Counter UpstreamCxMaxDurationReached => _counters[5];
    public Counter UpstreamCxConnectAttemptsExceeded => _counters[6];
    public Counter UpstreamCxOverflow => _counters[7];
    public Histogram UpstreamCxConnectMs => _times[0];
    public Histogram UpstreamCxLengthMs => _times[1];
    public Counter UpstreamCxDestroy => _counters[8];
    public Counter UpstreamCxDestroyLocal => _counters[9];
    public Counter UpstreamCxDestroyRemote => _counters[10];
    public Counter UpstreamCxDestroyWithActiveRq => _counters[11];
    public Counter UpstreamCxDestroyLocalWithActiveRq => _counters[12];
    public Counter UpstreamCxDestroyRemoteWithActiveRq => _counters[13];
    public Counter UpstreamCxCloseNotify => _counters[14];
    public Counter UpstreamCxRxBytesTotal => _counters[15];
    public Gauge UpstreamCxRxBytesBuffered => _gauges[1];
    public Counter UpstreamCxTxBytesTotal => _counters[16];
    public Gauge UpstreamCxTxBytesBuffered => _gauges[2];
    public Counter UpstreamCxProtocolError => _counters[17];
    public Counter UpstreamCxMaxRequests => _counters[18];
    public Counter UpstreamCxNoneHealthy => _counters[19];
    public Counter UpstreamCxPoolOverflow => _counters[20];
    public Counter UpstreamRqTotal => _counters[21];
    public Gauge UpstreamRqActive => _gauges[3];
    public Counter UpstreamRqPendingTotal => _counters[22];
    public Counter UpstreamRqPendingOverflow => _counters[23];
    public Counter UpstreamRqPendingFailureEject => _counters[24];
    public Gauge UpstreamRqPendingActive => _gauges[4];
    public Counter UpstreamRqCancelled => _counters[25];
    public Counter UpstreamRqMaintenanceMode => _counters[26];

    /// <summary>Refused by policy.drop_overloads. In Envoy only load reports have it.</summary>
    public Counter UpstreamRqDropOverload => _counters[27];
    public Counter UpstreamRqTimeout => _counters[28];
    public Counter UpstreamRqMaxDurationReached => _counters[29];
    public Counter UpstreamRqPerTryTimeout => _counters[30];
    public Counter UpstreamRqRxReset => _counters[31];
    public Counter UpstreamRqTxReset => _counters[32];
    public Counter UpstreamRqRetry => _counters[33];
    public Counter UpstreamRqRetrySuccess => _counters[34];
    public Counter UpstreamRqRetryOverflow => _counters[35];
    public Counter UpstreamRqRetryLimitExceeded => _counters[36];
    public Counter UpstreamFlowControlPausedReadingTotal => _counters[37];
    public Counter UpstreamFlowControlResumedReadingTotal => _counters[38];
    public Counter UpstreamFlowControlBackedUpTotal => _counters[39];
    public Counter UpstreamFlowControlDrainedTotal => _counters[40];
    public Gauge MembershipTotal => _gauges[5];
    public Gauge MembershipHealthy => _gauges[6];
    public Gauge MembershipDegraded => _gauges[7];
    public Gauge MembershipExcluded => _gauges[8];

    public Counter MembershipChange => _early[0];

    public Counter UpdateAttempt => _early[1];
    public Counter UpdateSuccess => _early[2];
    public Counter UpdateFailure => _early[3];
    public Counter UpdateEmpty => _counters[42];
    public Counter UpdateNoRebuild => _counters[43];
    public Gauge Version => _gauges[9];
    public Gauge MaxHostWeight => _gauges[10];
    public Counter BindErrors => _counters[44];
    public Counter LbHealthyPanic => _counters[45];
    public Counter LbRecalculateZoneStructures => _counters[46];
    public Counter AssignmentStale => _counters[47];
    public Counter AssignmentTimeoutReceived => _counters[48];
    public Counter AssignmentUseCached => _counters[49];
    public Gauge WarmingState => _gauges[11];
    public Counter LbLocalClusterNotOk => _counters[50];
    public Gauge LbSubsetsActive => _gauges[12];
    public Counter LbSubsetsCreated => _counters[51];
    public Counter LbSubsetsFallback => _counters[52];
    public Counter LbSubsetsFallbackPanic => _counters[53];
    public Counter LbSubsetsRemoved => _counters[54];
    public Counter LbSubsetsSelected => _counters[55];
    public Gauge LbSubsetsSingleHostPerSubsetDuplicate => _gauges[13];
    public Counter LbZoneClusterTooSmall => _counters[56];
    public Counter LbZoneNoCapacityLeft => _counters[57];
    public Counter LbZoneRoutingAllDirectly => _counters[58];
    public Counter LbZoneRoutingCrossZone => _counters[59];
    public Counter LbZoneRoutingSampled => _counters[60];
    public Counter OriginalDstHostInvalid => _counters[61];
    public Counter RetryOrShadowAbandoned => _counters[62];
    public Counter UpstreamCxConnectWith0Rtt => _counters[63];
    public Counter UpstreamCxHttp2Total => _counters[64];
    public Counter UpstreamCxHttp3Total => _counters[65];
    public Counter UpstreamInternalRedirectFailedTotal => _counters[66];
    public Counter UpstreamInternalRedirectSucceededTotal => _counters[67];
    public Counter UpstreamRqCompleted => _counters[68];
    public Counter UpstreamRq0rtt => _counters[69];
    public Counter UpstreamRqPerTryIdleTimeout => _counters[70];
    public Counter UpstreamRqRetryBackoffExponential => _counters[71];
    public Counter UpstreamRqRetryBackoffRatelimited => _counters[72];
    public Counter UpstreamHttp3Broken => _counters[41];
    public Histogram UpstreamRqPerCx { get; }

    /// <summary>Counts a connection of HTTP/1; the first one has <c>http1.*</c> listed.</summary>
    public void ChargeHttp1Connection()
    {
        UpstreamCxHttp1Total.Inc();
        for (var member = 0; member < Http1StatNames.All.Count; member++)
            _http1[member].Add(0);
    }

    /// <summary>
    /// Counts a finished upstream request by its status: upstream_rq_completed, upstream_rq_xx and upstream_rq_NNN, the
    /// same under external. or internal., canary. when asked, and the upstream_rq_time histograms. No name is built here:
    /// the counters are members of a family, listed once they were counted.
    /// </summary>
    /// <param name="durationMs">Negative: no time is recorded (Envoy counts, but does not time, what it answered itself).</param>
    /// <param name="countsCodes">False: upstream_rq_xx and upstream_rq_NNN are left out.</param>
    public void ChargeResponse(int status, long durationMs, bool isInternal, bool isCanary, bool countsCodes = true)
    {
        UpstreamRqCompleted.Inc();
        _responses.Charge(status, durationMs, isInternal, isCanary, countsCodes);
    }

    /// <summary>Counts a response that is tried again, under <c>retry.</c>.</summary>
    public void ChargeRetry(int status) => _responses.ChargeGroup(ResponseStatNames.Retry, status, durationMs: -1);
}
