using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Http.Http1;
using Weft.Http.Http2;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Streams;

/// <summary>Makes an <see cref="Http2Config"/> of its messages. Main thread.</summary>
internal static class Http2ConfigCompiler
{
    public const int MaxTableBytes = 1 << 26;

    /// <param name="source">http2_protocol_options; null: everything by default.</param>
    /// <param name="common">common_http_protocol_options; null likewise.</param>
    /// <param name="maxHeadersKb">Limit of a message's headers; null: 60.</param>
    /// <param name="streamErrors">The connection manager's stream_error_on_invalid_http_message, which counts where the options say nothing.</param>
    /// <param name="context">Takes faults.</param>
    public static Http2Config Compile(Http2ProtocolOptions? source, HttpProtocolOptions? common, uint? maxHeadersKb, bool? streamErrors, ConfigContext context)
    {
        source ??= new Http2ProtocolOptions();
        var defaults = new Http2Options();
        var options = new Http2Options
        {
            MaxHeadersBytes = (int)(maxHeadersKb ?? 60) * 1024,
            MaxHeadersCount = (int)Math.Min(common?.MaxHeadersCount ?? 100, int.MaxValue),
            HpackTableBytes = (int)Math.Min(source.HpackTableSize ?? (uint)defaults.HpackTableBytes, MaxTableBytes),
            MaxConcurrentStreams = (int)(source.MaxConcurrentStreams ?? (uint)defaults.MaxConcurrentStreams),
            StreamWindowBytes = (int)(source.InitialStreamWindowSize ?? (uint)defaults.StreamWindowBytes),
            ConnectionWindowBytes = (int)(source.InitialConnectionWindowSize ?? (uint)defaults.ConnectionWindowBytes),
            AllowConnect = source.AllowConnect,
            AllowMetadata = source.AllowMetadata,
            MaxOutboundFrames = (int)Math.Min(source.MaxOutboundFrames ?? (uint)defaults.MaxOutboundFrames, int.MaxValue),
            MaxOutboundControlFrames = (int)Math.Min(source.MaxOutboundControlFrames ?? (uint)defaults.MaxOutboundControlFrames, int.MaxValue),
            MaxConsecutiveEmptyFrames = source.MaxConsecutiveInboundFramesWithEmptyPayload ?? defaults.MaxConsecutiveEmptyFrames,
            MaxPriorityFramesPerStream = source.MaxInboundPriorityFramesPerStream ?? defaults.MaxPriorityFramesPerStream,
            MaxWindowUpdatesPerDataFrame = source.MaxInboundWindowUpdateFramesPerDataFrameSent ?? defaults.MaxWindowUpdatesPerDataFrame,
            StreamErrorOnInvalidMessage = StreamErrors(source, streamErrors),
            Underscores = common?.HeadersWithUnderscoresAction switch
            {
                HttpProtocolOptions.Types.HeadersWithUnderscoresAction.RejectRequest => UnderscoreAction.RejectRequest,
                HttpProtocolOptions.Types.HeadersWithUnderscoresAction.DropHeader => UnderscoreAction.DropHeader,
                _ => UnderscoreAction.Allow,
            },
        };
        if (source.CustomSettingsParameters.Count > 0)
            options = Http2CustomSettings.Apply(options, source, context);
        return new Http2Config(options, Keepalive(source.ConnectionKeepalive));
    }

#pragma warning disable CS0612 // the deprecated name of the field is still accepted

    private static bool StreamErrors(Http2ProtocolOptions source, bool? ofManager) =>
        source.OverrideStreamErrorOnInvalidHttpMessage ?? ofManager ?? source.StreamErrorOnInvalidHttpMessaging;

#pragma warning restore CS0612

    private static Http2KeepaliveConfig? Keepalive(KeepaliveSettings? source) => source is null
        ? null
        : new Http2KeepaliveConfig(
            source.Interval.ToMs(0),
            source.Timeout.ToMs(0),
            (long)(source.IntervalJitter?.Value ?? 15),
            source.ConnectionIdleInterval.ToMs(0));
}
