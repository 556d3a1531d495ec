using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Http;
using Weft.Http.Http1;
using Weft.Http.Http2;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;
using Weft.Proxy.NetworkFilters.HttpConnectionManager.LocalReplies;
using Weft.Proxy.Overload;
using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Stats;
using Weft.Proxy.Streams;
using Weft.Proxy.Tracing;
using Weft.Proxy.XdsClient;
using Weft.Proxy.XdsClient.Scopes;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager;

/// <summary>One HttpConnectionManager as configured, validated. Immutable, shared by all workers.</summary>
internal sealed record HttpConnectionManagerConfig
{
    public required HcmMessage Source { get; init; }

    public required HttpConnectionManagerStats Stats { get; init; }

    public required RouteSource RouteSource { get; init; }

    /// <summary>The routes as they are now; null for the admin interface, as long as none were discovered, and where each scope has its own.</summary>
    public RouteTable? Routes => RouteSource.Current;

    /// <summary>The last one is terminal.</summary>
    public required HttpFilterFactory[] Filters { get; init; }

    /// <summary>Those, and behind them the filters of upgrades: what a filter's place counts in.</summary>
    public required HttpFilterFactory[] AllFilters { get; init; }

    public required AccessLogger[] AccessLogs { get; init; }

    /// <summary>When they are written besides the end of a request.</summary>
    public AccessLogTimes AccessLogTimes { get; init; } = AccessLogTimes.AtEnd;

    /// <summary>Null: requests are not traced.</summary>
    public TracingConfig? Tracing { get; init; }

    public required RequestHeaderRules RequestRules { get; init; }

    public required ResponseHeaderRules ResponseRules { get; init; }

    public required LocalReplyConfig LocalReplies { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>What the overload manager says to it.</summary>
    public OverloadState Overload { get; init; } = OverloadState.Quiet;

    /// <summary>codec_type.</summary>
    public ServerCodecType Codec { get; init; }

    public required Http1DecoderOptions Http1 { get; init; }

    /// <summary>How HTTP/1 responses are written.</summary>
    public Http1WriteOptions Http1Write { get; init; }

    public required Http2Config Http2 { get; init; }

    /// <summary>Of all connection managers together.</summary>
    public required Http2CodecStats Http2Stats { get; init; }

    public required Http1CodecStats Http1Stats { get; init; }

    /// <summary>drain_timeout: how long an HTTP/2 client may still send requests after it was told to stop; default 5 seconds.</summary>
    public long DrainTimeoutMs { get; init; }

    /// <summary>common_http_protocol_options.idle_timeout; default 1 hour; 0: none.</summary>
    public long IdleTimeoutMs { get; init; }

    /// <summary>common_http_protocol_options.max_connection_duration; 0: none.</summary>
    public long MaxConnectionDurationMs { get; init; }

    /// <summary>http1_safe_max_connection_duration: an HTTP/1 connection whose time is over waits for its next request, whose answer says that it was the last.</summary>
    public bool Http1SafeMaxConnectionDuration { get; init; }

    /// <summary>append_local_overload: answers to requests that the overload manager refuses say so.</summary>
    public bool AppendsLocalOverload { get; init; }

    /// <summary>common_http_protocol_options.max_requests_per_connection; 0: no limit.</summary>
    public long MaxRequestsPerConnection { get; init; }

    /// <summary>common_http_protocol_options.max_stream_duration; 0: none.</summary>
    public long MaxStreamDurationMs { get; init; }

    /// <summary>stream_idle_timeout; default 5 minutes; 0: none.</summary>
    public long StreamIdleTimeoutMs { get; init; }

    /// <summary>request_timeout; 0 (the default): none.</summary>
    public long RequestTimeoutMs { get; init; }

    /// <summary>request_headers_timeout; 0 (the default): none.</summary>
    public long RequestHeadersTimeoutMs { get; init; }

    /// <summary>delayed_close_timeout: how long a closed connection is still read from, so that the client gets the last answer; default 1 second.</summary>
    public int DelayedCloseTimeoutMs { get; init; }

    /// <summary>proxy_100_continue.</summary>
    public bool Proxy100Continue { get; init; }

    /// <summary>upgrade_configs.</summary>
    public UpgradeConfigs Upgrades { get; private init; } = UpgradeConfigs.Empty;

    /// <summary>Compiles; faults are reported in the context and null is returned when there is nothing to run.</summary>
    public static HttpConnectionManagerConfig? Create(HcmMessage source, FactoryContext context)
    {
        var filters = HttpFilterChainCompiler.Create(source, context);
        var upgrades = UpgradeConfigs.Create(source, filters?.Length ?? 0, context);
        var routes = RoutesOf(source, filters is null || upgrades is null ? null : [.. filters, .. upgrades.Filters], context);
        if (source.CodecType == HcmMessage.Types.CodecType.Http3)
            context.Config.Error(source, "codec_type", "codec_type HTTP3 is not implemented yet");
        return filters is null || upgrades is null ? null : Create(source, context, routes, filters) with { Upgrades = upgrades, AllFilters = [.. filters, .. upgrades.Filters] };
    }

    /// <summary>Compiles with given routes and filters (the admin interface brings its own).</summary>
    internal static HttpConnectionManagerConfig Create(HcmMessage source, FactoryContext context, RouteSource routes, HttpFilterFactory[] filters)
    {
        var common = source.CommonHttpProtocolOptions ?? new HttpProtocolOptions();
        var format = Http1HeaderFormat.Of(source.HttpProtocolOptions, context.Config);
        return new HttpConnectionManagerConfig
        {
            Source = source,
            Stats = new HttpConnectionManagerStats(context.Stats, source.StatPrefix, context.ListenerStatPrefix),
            RouteSource = routes,
            Filters = filters,
            AllFilters = filters,
            AccessLogs = AccessLogger.Create(source.AccessLog, context),
            AccessLogTimes = AccessLogTimes.Of(source, context.Config),
            Tracing = TracingConfig.Create(source, context),
            RequestRules = RequestHeaderRules.Create(source, context),
            ResponseRules = ResponseHeaderRules.Create(source, context),
            LocalReplies = LocalReplyConfig.Create(source.LocalReplyConfig, context),
            Runtime = context.Runtime,
            Codec = source.CodecType switch
            {
                HcmMessage.Types.CodecType.Http1 => ServerCodecType.Http1,
                HcmMessage.Types.CodecType.Http2 => ServerCodecType.Http2,
                _ => ServerCodecType.Auto,
            },
            Http1 = DecoderOptionsOf(source, common, context.Config) with { PreservesCase = format.PreservesCase, IsProperCaseForOthers = format.IsProperForOthers },
            Http1Write = new Http1WriteOptions(format.IsProperCase, IsFullUrl: false),
            Http2 = Http2ConfigCompiler.Compile(
                source.Http2ProtocolOptions, common, source.MaxRequestHeadersKb, source.StreamErrorOnInvalidHttpMessage, context.Config),
            Http2Stats = new Http2CodecStats(context.Stats.Scope("")),
            Http1Stats = new Http1CodecStats(context.Stats.Scope("")),
            DrainTimeoutMs = source.DrainTimeout.ToMs(5000),
            Overload = context.Overload,
            IdleTimeoutMs = common.IdleTimeout.ToMs(3_600_000),
            MaxConnectionDurationMs = common.MaxConnectionDuration.ToMs(0),
            Http1SafeMaxConnectionDuration = source.Http1SafeMaxConnectionDuration,
            AppendsLocalOverload = source.AppendLocalOverload,
            MaxRequestsPerConnection = common.MaxRequestsPerConnection ?? 0,
            MaxStreamDurationMs = common.MaxStreamDuration.ToMs(0),
            StreamIdleTimeoutMs = source.StreamIdleTimeout.ToMs(300_000),
            RequestTimeoutMs = source.RequestTimeout.ToMs(0),
            RequestHeadersTimeoutMs = source.RequestHeadersTimeout.ToMs(0),
            DelayedCloseTimeoutMs = (int)Math.Min(source.DelayedCloseTimeout.ToMs(1000), int.MaxValue),
            Proxy100Continue = source.Proxy100Continue,
        };
    }

    /// <summary>HTTP/1.0 clients do not understand 1xx responses; 100 is only passed on when the client's expectation was.</summary>
    public bool ForwardsInformational(HttpProtocol? protocol) => protocol != HttpProtocol.Http10 && Proxy100Continue;

    private static RouteSource RoutesOf(HcmMessage source, HttpFilterFactory[]? filters, FactoryContext context)
    {
        if (source.RouteSpecifierCase == HcmMessage.RouteSpecifierOneofCase.Rds)
            return new DiscoveredRoutes(source.Rds, source.StatPrefix, filters, context);
        if (source.RouteSpecifierCase == HcmMessage.RouteSpecifierOneofCase.ScopedRoutes)
            return ScopedRoutes.Create(source, filters, context);
        if (source.RouteConfig is null)
        {
            context.Config.Error(source, null, "a route specifier is required: route_config, rds or scoped_routes");
            return new RouteSource(null);
        }

        return RouteSource.Written(source.RouteConfig, filters, context);
    }

    private static Http1DecoderOptions DecoderOptionsOf(HcmMessage source, HttpProtocolOptions common, ConfigContext context)
    {
        var http1 = source.HttpProtocolOptions ?? new Envoy.Config.Core.V3.Http1ProtocolOptions();
        return new Http1DecoderOptions
        {
            MaxHeadersBytes = (int)(source.MaxRequestHeadersKb ?? 60) * 1024,
            MaxHeadersCount = (int)(common.MaxHeadersCount ?? 100),
            AcceptHttp10 = http1.AcceptHttp10,
            EnableTrailers = http1.EnableTrailers,
            AllowAbsoluteUrl = http1.AllowAbsoluteUrl ?? true,
            AllowChunkedLength = http1.AllowChunkedLength,
            AllowCustomMethods = http1.AllowCustomMethods,
            IgnoresUpgrade = IgnoredUpgrades.Of(http1, context),
            DefaultHostForHttp10 = http1.DefaultHostForHttp10.Length > 0 ? http1.DefaultHostForHttp10 : null,
            RefuseHttpsUrl = (source.UseRemoteAddress ?? false) && source.XffNumTrustedHops == 0,
            Underscores = common.HeadersWithUnderscoresAction switch
            {
                HttpProtocolOptions.Types.HeadersWithUnderscoresAction.RejectRequest => UnderscoreAction.RejectRequest,
                HttpProtocolOptions.Types.HeadersWithUnderscoresAction.DropHeader => UnderscoreAction.DropHeader,
                _ => UnderscoreAction.Allow,
            },
        };
    }
}
