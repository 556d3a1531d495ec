using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>http.PREFIX.*</c> of a connection manager, and <c>listener.ADDRESS.http.PREFIX.*</c>, under Envoy's names.</summary>
public sealed class HttpConnectionManagerStats
{
    private readonly ListenerHttpStats? _listener;

    /// <param name="prefix">stat_prefix.</param>
    /// <param name="listenerPrefix">Of the listener's statistics (<c>listener.ADDRESS.</c>), where responses are counted too; null: nowhere.</param>
    public HttpConnectionManagerStats(StatsStore store, string prefix, string? listenerPrefix = null)
    {
        if (listenerPrefix is not null)
            _listener = new ListenerHttpStats(store.Scope($"{listenerPrefix}http.{prefix}."));
        var scope = store.Scope($"http.{prefix}.");
        Ios = new UserAgentStats(scope, UserAgentStats.Ios);
        Android = new UserAgentStats(scope, UserAgentStats.Android);
        DownstreamCxTotal = scope.Counter("downstream_cx_total");
        DownstreamCxHttp1Total = scope.Counter("downstream_cx_http1_total");
        DownstreamCxHttp2Total = scope.Counter("downstream_cx_http2_total");
        DownstreamCxHttp3Total = scope.Counter("downstream_cx_http3_total");
        DownstreamCxSslTotal = scope.Counter("downstream_cx_ssl_total");
        DownstreamCxUpgradesTotal = scope.Counter("downstream_cx_upgrades_total");
        DownstreamCxDestroy = scope.Counter("downstream_cx_destroy");
        DownstreamCxDestroyLocal = scope.Counter("downstream_cx_destroy_local");
        DownstreamCxDestroyRemote = scope.Counter("downstream_cx_destroy_remote");
        DownstreamCxDestroyActiveRq = scope.Counter("downstream_cx_destroy_active_rq");
        DownstreamCxDestroyLocalActiveRq = scope.Counter("downstream_cx_destroy_local_active_rq");
        DownstreamCxDestroyRemoteActiveRq = scope.Counter("downstream_cx_destroy_remote_active_rq");
        DownstreamCxRxBytesTotal = scope.Counter("downstream_cx_rx_bytes_total");
        DownstreamCxTxBytesTotal = scope.Counter("downstream_cx_tx_bytes_total");
        DownstreamCxDrainClose = scope.Counter("downstream_cx_drain_close");
        DownstreamCxIdleTimeout = scope.Counter("downstream_cx_idle_timeout");
        DownstreamCxMaxDurationReached = scope.Counter("downstream_cx_max_duration_reached");
        DownstreamCxMaxRequestsReached = scope.Counter("downstream_cx_max_requests_reached");
        DownstreamCxDelayedCloseTimeout = scope.Counter("downstream_cx_delayed_close_timeout");
        DownstreamCxOverloadDisableKeepalive = scope.Counter("downstream_cx_overload_disable_keepalive");
        DownstreamCxProtocolError = scope.Counter("downstream_cx_protocol_error");
        DownstreamFlowControlPausedReadingTotal = scope.Counter("downstream_flow_control_paused_reading_total");
        DownstreamFlowControlResumedReadingTotal = scope.Counter("downstream_flow_control_resumed_reading_total");
        DownstreamRqTotal = scope.Counter("downstream_rq_total");
        DownstreamRqHttp1Total = scope.Counter("downstream_rq_http1_total");
        DownstreamRqHttp2Total = scope.Counter("downstream_rq_http2_total");
        DownstreamRqHttp3Total = scope.Counter("downstream_rq_http3_total");
        DownstreamRqRxReset = scope.Counter("downstream_rq_rx_reset");
        DownstreamRqTxReset = scope.Counter("downstream_rq_tx_reset");
        DownstreamRqNonRelativePath = scope.Counter("downstream_rq_non_relative_path");
        DownstreamRqTooLarge = scope.Counter("downstream_rq_too_large");
        DownstreamRqCompleted = scope.Counter("downstream_rq_completed");
        DownstreamRq1xx = scope.Counter("downstream_rq_1xx");
        DownstreamRq2xx = scope.Counter("downstream_rq_2xx");
        DownstreamRq3xx = scope.Counter("downstream_rq_3xx");
        DownstreamRq4xx = scope.Counter("downstream_rq_4xx");
        DownstreamRq5xx = scope.Counter("downstream_rq_5xx");
        DownstreamRqWsOnNonWsRoute = scope.Counter("downstream_rq_ws_on_non_ws_route");
        DownstreamRqTimeout = scope.Counter("downstream_rq_timeout");
        DownstreamRqHeaderTimeout = scope.Counter("downstream_rq_header_timeout");
        DownstreamRqMaxDurationReached = scope.Counter("downstream_rq_max_duration_reached");
        DownstreamRqIdleTimeout = scope.Counter("downstream_rq_idle_timeout");
        DownstreamRqOverloadClose = scope.Counter("downstream_rq_overload_close");
        DownstreamRqRedirectedWithNormalizedPath = scope.Counter("downstream_rq_redirected_with_normalized_path");
        DownstreamRqRejectedViaIpDetection = scope.Counter("downstream_rq_rejected_via_ip_detection");
        DownstreamRqResponseBeforeRqComplete = scope.Counter("downstream_rq_response_before_rq_complete");
        RsTooLarge = scope.Counter("rs_too_large");
        DownstreamCxActive = scope.Gauge("downstream_cx_active");
        DownstreamCxHttp1Active = scope.Gauge("downstream_cx_http1_active");
        DownstreamCxHttp2Active = scope.Gauge("downstream_cx_http2_active");
        DownstreamCxHttp3Active = scope.Gauge("downstream_cx_http3_active");
        DownstreamCxHttp1SoftDrain = scope.Gauge("downstream_cx_http1_soft_drain");
        DownstreamCxSslActive = scope.Gauge("downstream_cx_ssl_active");
        DownstreamCxUpgradesActive = scope.Gauge("downstream_cx_upgrades_active");
        DownstreamCxRxBytesBuffered = scope.Gauge("downstream_cx_rx_bytes_buffered");
        DownstreamCxTxBytesBuffered = scope.Gauge("downstream_cx_tx_bytes_buffered");
        DownstreamRqActive = scope.Gauge("downstream_rq_active");
        DownstreamCxLengthMs = scope.Histogram("downstream_cx_length_ms", HistogramUnit.Milliseconds);
        DownstreamRqTime = scope.Histogram("downstream_rq_time", HistogramUnit.Milliseconds);
        DownstreamRqFailedPathNormalization = scope.Counter("downstream_rq_failed_path_normalization");
        DownstreamRqTooManyPrematureResets = scope.Counter("downstream_rq_too_many_premature_resets");
    }

    /// <summary>Of clients whose user-agent says iOS.</summary>
    public UserAgentStats Ios { get; }

    /// <summary>Of clients whose user-agent says android.</summary>
    public UserAgentStats Android { get; }

    public Counter DownstreamRqFailedPathNormalization { get; }

    public Counter DownstreamRqTooManyPrematureResets { get; }

    public Counter DownstreamCxTotal { get; }

    public Counter DownstreamCxHttp1Total { get; }

    public Counter DownstreamCxHttp2Total { get; }

    public Counter DownstreamCxHttp3Total { get; }

    public Counter DownstreamCxSslTotal { get; }

    public Counter DownstreamCxUpgradesTotal { get; }

    public Counter DownstreamCxDestroy { get; }

    public Counter DownstreamCxDestroyLocal { get; }

    public Counter DownstreamCxDestroyRemote { get; }

    public Counter DownstreamCxDestroyActiveRq { get; }

    public Counter DownstreamCxDestroyLocalActiveRq { get; }

    public Counter DownstreamCxDestroyRemoteActiveRq { get; }

    public Counter DownstreamCxRxBytesTotal { get; }

    public Counter DownstreamCxTxBytesTotal { get; }

    public Counter DownstreamCxDrainClose { get; }

    public Counter DownstreamCxIdleTimeout { get; }

    public Counter DownstreamCxMaxDurationReached { get; }

    public Counter DownstreamCxMaxRequestsReached { get; }

    public Counter DownstreamCxDelayedCloseTimeout { get; }

    public Counter DownstreamCxOverloadDisableKeepalive { get; }

    public Counter DownstreamCxProtocolError { get; }

    public Counter DownstreamFlowControlPausedReadingTotal { get; }

    public Counter DownstreamFlowControlResumedReadingTotal { get; }

    public Counter DownstreamRqTotal { get; }

    public Counter DownstreamRqHttp1Total { get; }

    public Counter DownstreamRqHttp2Total { get; }

    public Counter DownstreamRqHttp3Total { get; }

    public Counter DownstreamRqRxReset { get; }

    public Counter DownstreamRqTxReset { get; }

    public Counter DownstreamRqNonRelativePath { get; }

    public Counter DownstreamRqTooLarge { get; }

    public Counter DownstreamRqCompleted { get; }

    public Counter DownstreamRq1xx { get; }

    public Counter DownstreamRq2xx { get; }

    public Counter DownstreamRq3xx { get; }

    public Counter DownstreamRq4xx { get; }

    public Counter DownstreamRq5xx { get; }

    public Counter DownstreamRqWsOnNonWsRoute { get; }

    public Counter DownstreamRqTimeout { get; }

    public Counter DownstreamRqHeaderTimeout { get; }

    public Counter DownstreamRqMaxDurationReached { get; }

    public Counter DownstreamRqIdleTimeout { get; }

    public Counter DownstreamRqOverloadClose { get; }

    public Counter DownstreamRqRedirectedWithNormalizedPath { get; }

    public Counter DownstreamRqRejectedViaIpDetection { get; }

    public Counter DownstreamRqResponseBeforeRqComplete { get; }

    public Counter RsTooLarge { get; }

    public Gauge DownstreamCxActive { get; }

    public Gauge DownstreamCxHttp1Active { get; }

    public Gauge DownstreamCxHttp2Active { get; }

    public Gauge DownstreamCxHttp3Active { get; }

    public Gauge DownstreamCxHttp1SoftDrain { get; }

    public Gauge DownstreamCxSslActive { get; }

    public Gauge DownstreamCxUpgradesActive { get; }

    public Gauge DownstreamCxRxBytesBuffered { get; }

    public Gauge DownstreamCxTxBytesBuffered { get; }

    public Gauge DownstreamRqActive { get; }

    public Histogram DownstreamCxLengthMs { get; }

    public Histogram DownstreamRqTime { get; }

    /// <summary>Counts a response by its class.</summary>
    public void ChargeResponse(int status)
    {
        if (status is < 100 or > 599)
            return;
        _listener?.ChargeResponse(status);
        DownstreamRqCompleted.Inc();
        var counter = (status / 100) switch
        {
            1 => DownstreamRq1xx,
            2 => DownstreamRq2xx,
            3 => DownstreamRq3xx,
            4 => DownstreamRq4xx,
            _ => DownstreamRq5xx,
        };
        counter.Inc();
    }
}
