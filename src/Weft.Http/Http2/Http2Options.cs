using Weft.Http.Http1;

namespace Weft.Http.Http2;

/// <summary>Limits and choices of a connection (Envoy's Http2ProtocolOptions and HttpConnectionManager limits). Immutable, shared.</summary>
public sealed record Http2Options
{
    /// <summary>Bytes of all names and values of a head; default 60 KiB (max_request_headers_kb).</summary>
    public int MaxHeadersBytes { get; init; } = 60 * 1024;

    /// <summary>Headers of one message; default 100 (max_headers_count).</summary>
    public int MaxHeadersCount { get; init; } = 100;

    /// <summary>headers_with_underscores_action; requests only.</summary>
    public UnderscoreAction Underscores { get; init; }

    /// <summary>hpack_table_size: bytes of either side's dynamic table; default 4,096.</summary>
    public int HpackTableBytes { get; init; } = 4096;

    /// <summary>max_concurrent_streams: how many streams the peer may open (server), or are opened on one connection (client); default 1,024.</summary>
    public int MaxConcurrentStreams { get; init; } = 1024;

    /// <summary>initial_stream_window_size: how much the peer may send on a stream before it is taken; default 16 MiB.</summary>
    public int StreamWindowBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>initial_connection_window_size; default 24 MiB.</summary>
    public int ConnectionWindowBytes { get; init; } = 24 * 1024 * 1024;

    /// <summary>Output that waits on a stream for its window, or for the socket, above which the stream says that it is backed up; default 1 MiB.</summary>
    public int StreamBufferBytes { get; init; } = 1024 * 1024;

    /// <summary>allow_connect: extended CONNECT (RFC 8441), by which WebSockets come over HTTP/2; default false.</summary>
    public bool AllowConnect { get; init; }

    /// <summary>allow_metadata: METADATA frames are read and written; default false, they are passed over.</summary>
    public bool AllowMetadata { get; init; }

    /// <summary>The longest frame that is taken, if a custom setting (SETTINGS_MAX_FRAME_SIZE) says so; default 16,384. Frames sent are never longer than that.</summary>
    public int MaxFrameBytes { get; init; } = 16 * 1024;

    /// <summary>custom_settings_parameters: settings that are sent besides, by their identifiers.</summary>
    public IReadOnlyList<(ushort Id, uint Value)> CustomSettings { get; init; } = [];

    /// <summary>max_outbound_frames: frames that may wait to be sent; default 10,000.</summary>
    public int MaxOutboundFrames { get; init; } = 10_000;

    /// <summary>max_outbound_control_frames: PING, SETTINGS and RST_STREAM frames among them; default 1,000.</summary>
    public int MaxOutboundControlFrames { get; init; } = 1_000;

    /// <summary>max_consecutive_inbound_frames_with_empty_payload; default 1.</summary>
    public uint MaxConsecutiveEmptyFrames { get; init; } = 1;

    /// <summary>max_inbound_priority_frames_per_stream; default 100.</summary>
    public uint MaxPriorityFramesPerStream { get; init; } = 100;

    /// <summary>max_inbound_window_update_frames_per_data_frame_sent; default 10.</summary>
    public uint MaxWindowUpdatesPerDataFrame { get; init; } = 10;

    /// <summary>override_stream_error_on_invalid_http_message: a message that breaks the rules ends its stream only; default false, it ends the connection.</summary>
    public bool StreamErrorOnInvalidMessage { get; init; }
}
