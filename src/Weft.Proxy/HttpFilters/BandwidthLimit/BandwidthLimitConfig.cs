using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.BodyRates;
using Weft.Proxy.HttpFilters.Compression;
using Weft.Proxy.Runtime;
using Message = Envoy.Extensions.Filters.Http.BandwidthLimit.V3.BandwidthLimit;
using EnableMode = Envoy.Extensions.Filters.Http.BandwidthLimit.V3.BandwidthLimit.Types.EnableMode;

namespace Weft.Proxy.HttpFilters.BandwidthLimit;

/// <summary>A BandwidthLimit, of the filter or of a route, with the bucket that all its streams share. Immutable but for that; any thread.</summary>
internal sealed class BandwidthLimitConfig : FilterRouteConfig
{
    private readonly EnableMode _mode;
    private readonly FeatureFlag _enabled;
    private readonly RuntimeLayers _runtime;

    private BandwidthLimitConfig(Message config, FactoryContext context)
    {
        (_mode, _enabled, _runtime) = (config.EnableMode, new FeatureFlag(config.RuntimeEnabled), context.Runtime);
        IntervalMs = (int)config.FillInterval.ToMs(50);
        if (config.LimitKbps is { } limit)
            Bucket = new ByteBucket(limit);
        else if (_mode != EnableMode.Disabled)
            context.Config.Warning(config, "limit_kbps", "without it nothing is limited here");
        var scope = context.Stats.Scope(config.StatPrefix + ".http_bandwidth_limit.");
        (Request, Response) = (new BandwidthLimitStats(scope, "request"), new BandwidthLimitStats(scope, "response"));
        AddsTrailers = config.EnableResponseTrailers;
        RequestDelay = Trailer("bandwidth-request-delay-ms");
        ResponseDelay = Trailer("bandwidth-response-delay-ms");
        RequestFilterDelay = Trailer("bandwidth-request-filter-delay-ms");
        ResponseFilterDelay = Trailer("bandwidth-response-filter-delay-ms");

        HeaderName Trailer(string name) => new(config.ResponseTrailerPrefix.Length == 0 ? name : $"{config.ResponseTrailerPrefix}-{name}");
    }

    /// <summary>limit_kbps; null: there is no limit.</summary>
    public ByteBucket? Bucket { get; }

    /// <summary>fill_interval; default 50.</summary>
    public int IntervalMs { get; }

    public BandwidthLimitStats Request { get; }

    public BandwidthLimitStats Response { get; }

    /// <summary>enable_response_trailers: the delays are told in trailers, under the names below.</summary>
    public bool AddsTrailers { get; }

    public HeaderName RequestDelay { get; }

    public HeaderName ResponseDelay { get; }

    public HeaderName RequestFilterDelay { get; }

    public HeaderName ResponseFilterDelay { get; }

    public bool LimitsRequests => IsOn(EnableMode.Request);

    public bool LimitsResponses => IsOn(EnableMode.Response);

    public static BandwidthLimitConfig Create(Message config, FactoryContext context) => new(config, context);

    public static BandwidthLimitConfig OfRoute(Message config, FactoryContext context)
    {
        if (config.LimitKbps is null)
            context.Config.Error(config, "limit_kbps", "limit must be set for per route filter config");
        return new(config, context);
    }

    private bool IsOn(EnableMode direction) => (_mode & direction) != 0 && Bucket is not null && _enabled.IsOn(_runtime.Current);
}
