using Weft.Base.Stats;

namespace Weft.Proxy.Stats;

/// <summary>The statistics <c>tcp.PREFIX.*</c> of a TcpProxy, under Envoy's names.</summary>
public sealed class TcpProxyStats
{
    public TcpProxyStats(StatsStore store, string prefix)
    {
        var scope = store.Scope($"tcp.{prefix}.");
        DownstreamCxNoRoute = scope.Counter("downstream_cx_no_route");
        DownstreamCxRxBytesTotal = scope.Counter("downstream_cx_rx_bytes_total");
        DownstreamCxTotal = scope.Counter("downstream_cx_total");
        DownstreamCxTxBytesTotal = scope.Counter("downstream_cx_tx_bytes_total");
        DownstreamFlowControlPausedReadingTotal = scope.Counter("downstream_flow_control_paused_reading_total");
        DownstreamFlowControlResumedReadingTotal = scope.Counter("downstream_flow_control_resumed_reading_total");
        EarlyDataReceivedCountTotal = scope.Counter("early_data_received_count_total");
        IdleTimeout = scope.Counter("idle_timeout");
        MaxDownstreamConnectionDuration = scope.Counter("max_downstream_connection_duration");
        UpstreamFlushTotal = scope.Counter("upstream_flush_total");
        DownstreamCxRxBytesBuffered = scope.Gauge("downstream_cx_rx_bytes_buffered");
        DownstreamCxTxBytesBuffered = scope.Gauge("downstream_cx_tx_bytes_buffered");
        UpstreamFlushActive = scope.Gauge("upstream_flush_active");
    }

    public Counter DownstreamCxNoRoute { get; }

    public Counter DownstreamCxRxBytesTotal { get; }

    public Counter DownstreamCxTotal { get; }

    public Counter DownstreamCxTxBytesTotal { get; }

    public Counter DownstreamFlowControlPausedReadingTotal { get; }

    public Counter DownstreamFlowControlResumedReadingTotal { get; }

    public Counter EarlyDataReceivedCountTotal { get; }

    public Counter IdleTimeout { get; }

    public Counter MaxDownstreamConnectionDuration { get; }

    public Counter UpstreamFlushTotal { get; }

    public Gauge DownstreamCxRxBytesBuffered { get; }

    public Gauge DownstreamCxTxBytesBuffered { get; }

    public Gauge UpstreamFlushActive { get; }
}
