using Weft.Http;
using Weft.Proxy.Streams;
using AccessLogType = Envoy.Data.Accesslog.V3.AccessLogType;

namespace Weft.Proxy.Formatting;

/// <summary>Everything a substitution operator may read. Header maps are null where there are none (TCP, no response yet).</summary>
public readonly ref struct FormatContext(StreamInfo info, HeaderMap? requestHeaders = null, HeaderMap? responseHeaders = null, HeaderMap? responseTrailers = null)
{
    public StreamInfo Info { get; } = info;

    public HeaderMap? RequestHeaders { get; } = requestHeaders;

    public HeaderMap? ResponseHeaders { get; } = responseHeaders;

    public HeaderMap? ResponseTrailers { get; } = responseTrailers;

    /// <summary>What the line is about (%ACCESS_LOG_TYPE%); NotSet where nothing is logged.</summary>
    public AccessLogType LogType { get; init; }

    /// <summary>%LOCAL_REPLY_BODY%.</summary>
    public ReadOnlySpan<byte> LocalReplyBody { get; init; }
}
