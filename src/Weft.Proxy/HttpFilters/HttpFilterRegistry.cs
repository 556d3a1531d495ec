using Envoy.Config.Core.V3;
using Envoy.Extensions.Common.Matching.V3;
using Envoy.Extensions.Filters.Http.ApiKeyAuth.V3;
using Envoy.Extensions.Filters.Http.BasicAuth.V3;
using Envoy.Extensions.Filters.Http.Buffer.V3;
using Envoy.Extensions.Filters.Http.CdnLoop.V3;
using Envoy.Extensions.Filters.Http.Compressor.V3;
using Envoy.Extensions.Filters.Http.Cors.V3;
using Envoy.Extensions.Filters.Http.Csrf.V3;
using Envoy.Extensions.Filters.Http.ExtAuthz.V3;
using Envoy.Extensions.Filters.Http.ExtProc.V3;
using Envoy.Extensions.Filters.Http.Fault.V3;
using Envoy.Extensions.Filters.Http.GrpcHttp1ReverseBridge.V3;
using Envoy.Extensions.Filters.Http.HeaderMutation.V3;
using Envoy.Extensions.Filters.Http.IpTagging.V3;
using Envoy.Extensions.Filters.Http.Rbac.V3;
using Envoy.Extensions.Filters.Http.Ratelimit.V3;
using Envoy.Extensions.Filters.Http.StatefulSession.V3;
using Envoy.Extensions.Filters.Http.UpstreamCodec.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.AdaptiveConcurrency;
using Weft.Proxy.HttpFilters.AdmissionControl;
using Weft.Proxy.HttpFilters.ApiKeyAuth;
using Weft.Proxy.HttpFilters.BandwidthLimit;
using Weft.Proxy.HttpFilters.BasicAuth;
using Weft.Proxy.HttpFilters.Buffer;
using Weft.Proxy.HttpFilters.CdnLoop;
using Weft.Proxy.HttpFilters.Composite;
using Weft.Proxy.HttpFilters.Compressor;
using Weft.Proxy.HttpFilters.Cors;
using Weft.Proxy.HttpFilters.CredentialInjector;
using Weft.Proxy.HttpFilters.Csrf;
using Weft.Proxy.HttpFilters.CustomResponse;
using Weft.Proxy.HttpFilters.Decompressor;
using Weft.Proxy.HttpFilters.Discovered;
using Weft.Proxy.HttpFilters.DynamicForwardProxy;
using Weft.Proxy.HttpFilters.ExtAuthz;
using Weft.Proxy.HttpFilters.ExtProc;
using Weft.Proxy.HttpFilters.Fault;
using Weft.Proxy.HttpFilters.GrpcHttp1Bridge;
using Weft.Proxy.HttpFilters.GrpcHttp1ReverseBridge;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder;
using Weft.Proxy.HttpFilters.GrpcStats;
using Weft.Proxy.HttpFilters.GrpcWeb;
using Weft.Proxy.HttpFilters.HeaderMutation;
using Weft.Proxy.HttpFilters.HeaderToMetadata;
using Weft.Proxy.HttpFilters.HealthCheck;
using Weft.Proxy.HttpFilters.IpTagging;
using Weft.Proxy.HttpFilters.JsonToMetadata;
using Weft.Proxy.HttpFilters.JwtAuthn;
using Weft.Proxy.HttpFilters.LocalRateLimit;
using Weft.Proxy.HttpFilters.Lua;
using Weft.Proxy.HttpFilters.MatchDelegate;
using Weft.Proxy.HttpFilters.OAuth2;
using Weft.Proxy.HttpFilters.OriginalSrc;
using Weft.Proxy.HttpFilters.RateLimit;
using Weft.Proxy.HttpFilters.Rbac;
using Weft.Proxy.HttpFilters.OnDemand;
using Weft.Proxy.HttpFilters.Router;
using Weft.Proxy.HttpFilters.SetFilterState;
using Weft.Proxy.HttpFilters.SetMetadata;
using Weft.Proxy.HttpFilters.StatefulSession;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.XdsClient.Extensions;
using AdaptiveConcurrencyMessage = Envoy.Extensions.Filters.Http.AdaptiveConcurrency.V3.AdaptiveConcurrency;
using AdmissionControlMessage = Envoy.Extensions.Filters.Http.AdmissionControl.V3.AdmissionControl;
using ApiKeyAuthMessage = Envoy.Extensions.Filters.Http.ApiKeyAuth.V3.ApiKeyAuth;
using BandwidthLimitMessage = Envoy.Extensions.Filters.Http.BandwidthLimit.V3.BandwidthLimit;
using BasicAuthMessage = Envoy.Extensions.Filters.Http.BasicAuth.V3.BasicAuth;
using BufferMessage = Envoy.Extensions.Filters.Http.Buffer.V3.Buffer;
using CompositeMessage = Envoy.Extensions.Filters.Http.Composite.V3.Composite;
using CompressorMessage = Envoy.Extensions.Filters.Http.Compressor.V3.Compressor;
using CorsMessage = Envoy.Extensions.Filters.Http.Cors.V3.Cors;
using CredentialInjectorMessage = Envoy.Extensions.Filters.Http.CredentialInjector.V3.CredentialInjector;
using CustomResponseMessage = Envoy.Extensions.Filters.Http.CustomResponse.V3.CustomResponse;
using DecompressorMessage = Envoy.Extensions.Filters.Http.Decompressor.V3.Decompressor;
using DynamicForwardProxyMessage = Envoy.Extensions.Filters.Http.DynamicForwardProxy.V3.FilterConfig;
using DynamicForwardProxyPerRoute = Envoy.Extensions.Filters.Http.DynamicForwardProxy.V3.PerRouteConfig;
using ExtAuthzMessage = Envoy.Extensions.Filters.Http.ExtAuthz.V3.ExtAuthz;
using GrpcHttp1BridgeMessage = Envoy.Extensions.Filters.Http.GrpcHttp1Bridge.V3.Config;
using GrpcJsonTranscoderMessage = Envoy.Extensions.Filters.Http.GrpcJsonTranscoder.V3.GrpcJsonTranscoder;
using GrpcStatsMessage = Envoy.Extensions.Filters.Http.GrpcStats.V3.FilterConfig;
using GrpcWebMessage = Envoy.Extensions.Filters.Http.GrpcWeb.V3.GrpcWeb;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;
using HeaderMutationMessage = Envoy.Extensions.Filters.Http.HeaderMutation.V3.HeaderMutation;
using HeaderToMetadataMessage = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config;
using HealthCheckMessage = Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheck;
using HttpFilterMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter;
using JsonToMetadataMessage = Envoy.Extensions.Filters.Http.JsonToMetadata.V3.JsonToMetadata;
using JwtAuthnMessage = Envoy.Extensions.Filters.Http.JwtAuthn.V3.JwtAuthentication;
using JwtAuthnPerRoute = Envoy.Extensions.Filters.Http.JwtAuthn.V3.PerRouteConfig;
using LocalRateLimitMessage = Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit;
using LuaMessage = Envoy.Extensions.Filters.Http.Lua.V3.Lua;
using LuaPerRoute = Envoy.Extensions.Filters.Http.Lua.V3.LuaPerRoute;
using OAuth2Message = Envoy.Extensions.Filters.Http.Oauth2.V3.OAuth2;
using OnDemandMessage = Envoy.Extensions.Filters.Http.OnDemand.V3.OnDemand;
using OriginalSrcMessage = Envoy.Extensions.Filters.Http.OriginalSrc.V3.OriginalSrc;
using RateLimitMessage = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimit;
using ReverseBridgeMessage = Envoy.Extensions.Filters.Http.GrpcHttp1ReverseBridge.V3.FilterConfig;
using RouterMessage = Envoy.Extensions.Filters.Http.Router.V3.Router;
using SetFilterStateMessage = Envoy.Extensions.Filters.Http.SetFilterState.V3.Config;
using SetMetadataMessage = Envoy.Extensions.Filters.Http.SetMetadata.V3.Config;
using StatefulSessionMessage = Envoy.Extensions.Filters.Http.StatefulSession.V3.StatefulSession;

namespace Weft.Proxy.HttpFilters;

/// <summary>Which configuration message makes which HTTP filter. The type of the message decides, never the filter's name.</summary>
internal static class HttpFilterRegistry
{
    private static readonly HttpFilterType[] s_types =
    [
        HttpFilterType.Of<AdaptiveConcurrencyMessage>(AdaptiveConcurrencyFilterFactory.Create),
        HttpFilterType.Of<AdmissionControlMessage>(AdmissionControlFilterFactory.Create).AlsoUpstream(),
        HttpFilterType.Of<ApiKeyAuthMessage, ApiKeyAuthPerRoute>(ApiKeyAuthFilterFactory.Create, ApiKeyAuthConfig.OfRoute),
        HttpFilterType.Of<BandwidthLimitMessage, BandwidthLimitMessage>(BandwidthLimitFilterFactory.Create, BandwidthLimitConfig.OfRoute),
        HttpFilterType.Of<BasicAuthMessage, BasicAuthPerRoute>(BasicAuthFilterFactory.Create, BasicAuthUsers.OfRoute),
        HttpFilterType.Of<BufferMessage, BufferPerRoute>(BufferFilterFactory.Create, BufferConfig.OfRoute).AlsoUpstream(),
        HttpFilterType.Of<CdnLoopConfig>(CdnLoopFilterFactory.Create),
        HttpFilterType.Of<CompositeMessage>(CompositeFilterFactory.Create).AlsoUpstream(),
        HttpFilterType.Of<CompressorMessage, CompressorPerRoute>(CompressorFilterFactory.Create, CompressorRouteConfig.Create),
        HttpFilterType.Of<CorsMessage, CorsPolicy>(CorsFilterFactory.Create, CorsPolicyConfig.Create),
        HttpFilterType.Of<CsrfPolicy, CsrfPolicy>(CsrfFilterFactory.Create, CsrfPolicyConfig.Create),
        HttpFilterType.Of<CredentialInjectorMessage>(CredentialInjectorFilterFactory.Create).AlsoUpstream(),
        HttpFilterType.Of<CustomResponseMessage, CustomResponseMessage>(CustomResponseFilterFactory.Create, CustomResponseConfig.OfRoute),
        HttpFilterType.Of<DecompressorMessage>(DecompressorFilterFactory.Create),
        HttpFilterType.Of<DynamicForwardProxyMessage, DynamicForwardProxyPerRoute>(DynamicForwardProxyFilterFactory.Create, HostRewriteRouteConfig.Create),
        HttpFilterType.Of<ExtAuthzMessage, ExtAuthzPerRoute>(ExtAuthzFilterFactory.Create, ExtAuthzRouteConfig.Create),
        HttpFilterType.Of<ExternalProcessor, ExtProcPerRoute>(ExtProcFilterFactory.Create, ExtProcRouteConfig.Create),
        HttpFilterType.Of<HTTPFault, HTTPFault>(FaultFilterFactory.Create, FaultConfig.Create),
        HttpFilterType.Of<GrpcHttp1BridgeMessage>(GrpcHttp1BridgeFilterFactory.Create),
        HttpFilterType.Of<ReverseBridgeMessage, FilterConfigPerRoute>(GrpcHttp1ReverseBridgeFilterFactory.Create, ReverseBridgeRouteConfig.Create),
        HttpFilterType.Of<GrpcJsonTranscoderMessage, GrpcJsonTranscoderMessage>(GrpcJsonTranscoderFilterFactory.Create, TranscoderConfig.Create),
        HttpFilterType.Of<GrpcStatsMessage>(GrpcStatsFilterFactory.Create),
        HttpFilterType.Of<GrpcWebMessage>(GrpcWebFilterFactory.Create),
        HttpFilterType.Of<HeaderMutationMessage, HeaderMutationPerRoute>(HeaderMutationFilterFactory.Create, MutationsConfig.OfRoute).AlsoUpstream(),
        HttpFilterType.Of<HealthCheckMessage>(HealthCheckFilterFactory.Create),
        HttpFilterType.Of<HeaderToMetadataMessage, HeaderToMetadataMessage>(HeaderToMetadataFilterFactory.Create, MetadataRules.OfRoute),
        HttpFilterType.Of<IPTagging>(IpTaggingFilterFactory.Create),
        HttpFilterType.Of<JsonToMetadataMessage>(JsonToMetadataFilterFactory.Create),
        HttpFilterType.Of<JwtAuthnMessage, JwtAuthnPerRoute>(JwtAuthnFilterFactory.Create, JwtAuthnRouteConfig.Create),
        HttpFilterType.Of<LocalRateLimitMessage, LocalRateLimitMessage>(LocalRateLimitFilterFactory.Create, LocalRateLimitConfig.OfRoute),
        HttpFilterType.Of<LuaMessage, LuaPerRoute>(LuaFilterFactory.Create, LuaRouteConfig.Create).AlsoUpstream(),
        HttpFilterType.Of<ExtensionWithMatcher, ExtensionWithMatcherPerRoute>(MatchDelegateFilterFactory.Create, MatchDelegateRouteConfig.Create).AlsoUpstream(),
        HttpFilterType.Of<OAuth2Message>(OAuth2FilterFactory.Create),
        HttpFilterType.Of<OriginalSrcMessage>(OriginalSrcFilterFactory.Create),
        HttpFilterType.Of<RateLimitMessage, RateLimitPerRoute>(RateLimitFilterFactory.Create, RateLimitRouteConfig.Create),
        HttpFilterType.Of<RBAC, RBACPerRoute>(RbacFilterFactory.Create, RbacFilterConfig.OfRoute),
        HttpFilterType.Of<OnDemandMessage, Envoy.Extensions.Filters.Http.OnDemand.V3.PerRouteConfig>(OnDemandFilterFactory.Create, OnDemandConfig.OfRoute),
        HttpFilterType.Of<SetFilterStateMessage, SetFilterStateMessage>(SetFilterStateFilterFactory.Create, SetFilterStateConfig.Create),
        HttpFilterType.Of<SetMetadataMessage>(SetMetadataFilterFactory.Create),
        HttpFilterType.Of<StatefulSessionMessage, StatefulSessionPerRoute>(StatefulSessionFilterFactory.Create, StatefulSessionConfig.OfRoute),
        HttpFilterType.Of<RouterMessage>(RouterFilterFactory.Create),
        HttpFilterType.Of<UpstreamCodec>(UpstreamCodecFilterFactory.Create).OnlyUpstream(),
    ];

    /// <summary>The factories of a connection manager's filters; null, with findings, when they cannot be made.</summary>
    public static HttpFilterFactory[]? Create(HcmMessage manager, FactoryContext context) =>
        Create(new HttpFilterChain(manager.HttpFilters, manager, "http_filters", "http"), manager.StatPrefix, context);

    /// <summary>The factories of a chain; null, with findings, when they cannot be made.</summary>
    public static HttpFilterFactory[]? Create(HttpFilterChain chain, string statPrefix, FactoryContext context)
    {
        var factories = new List<HttpFilterFactory>();
        var isComplete = true;
        foreach (var filter in chain.Filters)
        {
            var isOptional = false;
            var factory = filter.ConfigTypeCase == HttpFilterMessage.ConfigTypeOneofCase.ConfigDiscovery
                ? CreateDiscovered(filter.Name, filter.ConfigDiscovery, statPrefix, isLast: filter == chain.Filters[^1], context, filter.Disabled)
                : CreateOne(filter, statPrefix, context, out isOptional);
            if (factory is not null)
                factories.Add(factory);
            else
                isComplete &= isOptional;
        }

        if (chain.Filters.Count == 0)
        {
            context.Config.Warning(chain.At, chain.Field, "without filters every request gets 404: add envoy.filters.http.router");
            factories.Add(new NoFilterFactory { Name = "" });
        }

        if (!isComplete || !CheckEnd(chain, factories, context))
            return null;
        foreach (var factory in factories)
            factory.OnChain(factories);
        return [.. factories];
    }

    /// <summary>Compiles what a route says to the filter <paramref name="name"/>; null when that could not be compiled (it is reported) or need not be.</summary>
    /// <param name="any">Of typed_per_filter_config, or inside its FilterConfig.</param>
    /// <param name="at">To report faults at, in its typed_per_filter_config.</param>
    /// <param name="isOptional">A filter that is not there is no fault.</param>
    /// <param name="filter">To which it is said; null when the table is compiled for no connection manager.</param>
    public static FilterRouteConfig? CreateRouteConfig(string name, Any any, IMessage at, bool isOptional, HttpFilterFactory? filter, FactoryContext context)
    {
        var config = context.Config.Unpack(any);
        if (config is null && any.TypeUrl.Length > 0)
            return null; // Reported when it was read.
        if (config is null || Find(config.Descriptor) is not { } type)
            return Fail($"Didn't find a registered implementation for '{name}' with type URL: '{config?.Descriptor.FullName}'");
        if (type.RouteConfig.FullName != config.Descriptor.FullName)
            return Fail($"Unable to unpack as {type.RouteConfig.FullName}: {any.TypeUrl}", isFault: true);
        return type.HasRouteConfig
            ? type.CreateRouteConfig(config, filter, context)
            : Fail($"The filter {name} doesn't support virtual host or route specific configurations");

        FilterRouteConfig? Fail(string text, bool isFault = false)
        {
            if (isFault || !isOptional)
                context.Config.Error(at, $"typed_per_filter_config[{name}]", text);
            else
                context.Config.Warning(at, $"typed_per_filter_config[{name}]", $"{text}; it is optional and left out");
            return null;
        }
    }

    /// <summary>A filter inside another's configuration; null, with findings, when it cannot be made.</summary>
    public static HttpFilterFactory? CreateInner(TypedExtensionConfig? extension, string statPrefix, FactoryContext context)
    {
        if (extension is null || (context.Config.Unpack(extension.TypedConfig) is null && extension.TypedConfig?.TypeUrl.Length > 0))
            return null; // Reported when it was read.
        return CreateOne(new HttpFilterMessage { Name = extension.Name, TypedConfig = extension.TypedConfig }, statPrefix, context, out _);
    }

    private static HttpFilterFactory? CreateOne(HttpFilterMessage filter, string statPrefix, FactoryContext context, out bool isOptional)
    {
        isOptional = false;
        var config = context.Config.Unpack(filter.TypedConfig);

        // The router needs no configuration: files that only name it are common.
        if (config is null && filter.Name is "envoy.filters.http.router" or "envoy.router")
            config = new RouterMessage();
        var type = config is null ? null : Find(config.Descriptor);
        if (config is not null && type is not null && type.Config == config.Descriptor && MayStandHere(type, context))
        {
            var factory = type.CreateFactory(filter.Name, config, statPrefix, context);
            if (factory is not null)
                factory.IsDisabled = filter.Disabled;
            return factory;
        }

        isOptional = filter.IsOptional;
        var text = config is null
            ? $"Didn't find a registered implementation for '{filter.Name}' with type URL: ''"
            : type is not null || context.UpstreamFilterPrefix is not null
            ? $"Didn't find a registered implementation for '{filter.Name}' with type URL: '{config.Descriptor.FullName}'"
            : $"HTTP filter {config.Descriptor.FullName} is not implemented yet";
        if (isOptional)
            context.Config.Warning(filter, "typed_config", $"{text}; it is optional and left out");
        else
            context.Config.Error(filter, "typed_config", text);
        return null;
    }

    /// <summary>A place for a filter whose configuration is discovered.</summary>
    /// <param name="name">Of the filter, and of what is discovered.</param>
    /// <param name="source">Where from.</param>
    /// <param name="isLast">It ends its chain.</param>
    public static DiscoveredFilterFactory CreateDiscovered(string name, ExtensionConfigSource source, string statPrefix, bool isLast, FactoryContext context, bool isDisabled = false)
    {
        foreach (var url in source.TypeUrls)
        {
            if (!Array.Exists(s_types, type => MayStandHere(type, context) && url.EndsWith("/" + type.Config.FullName, StringComparison.Ordinal)))
                context.Config.Error(source, "type_urls", $"Error: no factory found for a required type URL {url}.");
        }

        var place = new DiscoveredFilterFactory(isLast) { Name = name, IsDisabled = isDisabled };
        place.Slot = new ExtensionSlot<HttpFilterFactory>(context.UpstreamFilterPrefix is null ? "http_filter" : "upstream_http_filter", name, source, Make, context);
        return place;

        HttpFilterFactory? Make(Any config, FactoryContext its)
        {
            var factory = CreateOne(new HttpFilterMessage { Name = name, TypedConfig = config, Disabled = isDisabled }, statPrefix, its, out _);
            if (factory is not null && EndFault(factory, isLast) is { } fault)
            {
                its.Config.Error(config, null, fault);
                return null;
            }

            if (factory is not null && place.Chain is { } chain)
                factory.OnChain(chain);
            return factory;
        }
    }

    /// <summary>The terminal filter stands last, and only there.</summary>
    private static bool CheckEnd(HttpFilterChain chain, List<HttpFilterFactory> factories, FactoryContext context)
    {
        for (var i = 0; i < factories.Count; i++)
        {
            var (factory, isLast) = (factories[i], i == factories.Count - 1);
            if (isLast && factory.IsDisabled)
                return Fail($"Error: the last (terminal) filter ({factory.Name}) in the chain cannot be disabled by default.");
            if (EndFault(factory, isLast, chain.Kind) is { } fault)
                return Fail(fault);
        }

        return factories.Count > 0;

        bool Fail(string text)
        {
            context.Config.Error(chain.At, chain.Field, text);
            return false;
        }
    }

    private static string? EndFault(HttpFilterFactory factory, bool isLast, string kind = "http") => (factory.IsTerminal, isLast) switch
    {
        (true, false) => $"Error: terminal filter named {factory.Name} of type {factory.Name} must be the last filter in a {kind} filter chain.",
        (false, true) => $"Error: non-terminal filter named {factory.Name} of type {factory.Name} is the last filter in a {kind} filter chain.",
        _ => null,
    };

    /// <summary>Whether a route's word to a filter of this message may concern an upstream filter.</summary>
    public static bool MayBeUpstream(string typeUrl) => Array.Exists(s_types, type => type.IsForUpstream && typeUrl.EndsWith("/" + type.RouteConfig.FullName, StringComparison.Ordinal));

    private static bool MayStandHere(HttpFilterType type, FactoryContext context) => context.UpstreamFilterPrefix is null ? type.IsForDownstream : type.IsForUpstream;

    /// <summary>By the filter's own message or the one that routes use.</summary>
    private static HttpFilterType? Find(MessageDescriptor message)
        => Array.Find(s_types, type => type.RouteConfig.FullName == message.FullName || type.Config.FullName == message.FullName);
}
