using Weft.Base.Stats;

namespace Weft.Http.Http2;

/// <summary>The statistics <c>http2.*</c> of a connection manager or cluster, under Envoy's names.</summary>
public sealed class Http2CodecStats(StatsScope scope)
{
    public Counter DroppedHeadersWithUnderscores { get; } = scope.Counter("http2.dropped_headers_with_underscores");
    public Counter GoAwaySent { get; } = scope.Counter("http2.goaway_sent");
    public Counter HeaderOverflow { get; } = scope.Counter("http2.header_overflow");
    public Counter HeadersCbNoStream { get; } = scope.Counter("http2.headers_cb_no_stream");
    public Counter InboundEmptyFramesFlood { get; } = scope.Counter("http2.inbound_empty_frames_flood");
    public Counter InboundPriorityFramesFlood { get; } = scope.Counter("http2.inbound_priority_frames_flood");
    public Counter InboundWindowUpdateFramesFlood { get; } = scope.Counter("http2.inbound_window_update_frames_flood");
    public Counter KeepaliveTimeout { get; } = scope.Counter("http2.keepalive_timeout");
    public Counter MetadataEmptyFrames { get; } = scope.Counter("http2.metadata_empty_frames");
    public Counter OutboundControlFlood { get; } = scope.Counter("http2.outbound_control_flood");
    public Counter OutboundFlood { get; } = scope.Counter("http2.outbound_flood");
    public Counter RequestsRejectedWithUnderscoresInHeaders { get; } = scope.Counter("http2.requests_rejected_with_underscores_in_headers");
    public Counter RxMessagingError { get; } = scope.Counter("http2.rx_messaging_error");
    public Counter RxReset { get; } = scope.Counter("http2.rx_reset");
    public Counter StreamRefusedErrors { get; } = scope.Counter("http2.stream_refused_errors");
    public Counter Trailers { get; } = scope.Counter("http2.trailers");
    public Counter TxFlushTimeout { get; } = scope.Counter("http2.tx_flush_timeout");
    public Counter TxReset { get; } = scope.Counter("http2.tx_reset");
    public Gauge StreamsActive { get; } = scope.Gauge("http2.streams_active");
    public Gauge PendingSendBytes { get; } = scope.Gauge("http2.pending_send_bytes");
    public Gauge DeferredStreamClose { get; } = scope.Gauge("http2.deferred_stream_close");
    public Gauge OutboundFramesActive { get; } = scope.Gauge("http2.outbound_frames_active");
    public Gauge OutboundControlFramesActive { get; } = scope.Gauge("http2.outbound_control_frames_active");
}
