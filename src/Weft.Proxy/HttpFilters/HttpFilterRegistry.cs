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
using Envoy.Extensions.Filters.Http.Oauth2.V3;
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
using HeaderMutationMessage = Envoy.Extensions.Filters.Http.HeaderMutation.V3.HeaderMutation;
using HeaderToMetadataMessage = Envoy.Extensions.Filters.Http.HeaderToMetadata.V3.Config;
using HealthCheckMessage = Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheck;
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
        HttpFilterType.Of<OAuth2Message, OAuth2PerRoute>(OAuth2FilterFactory.Create, OAuth2Flow.OfRoute),
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

    /// <summary>Whether a route's word to a filter of this message may concern an upstream filter.</summary>
    public static bool MayBeUpstream(string typeUrl) => Array.Exists(s_types, type => type.IsForUpstream && typeUrl.EndsWith("/" + type.RouteConfig.FullName, StringComparison.Ordinal));

    /// <summary>Whether a filter of this message may stand in the chain that is being made.</summary>
    public static bool IsKnown(string typeUrl, FactoryContext context) => Array.Exists(s_types, type => type.MayStandIn(context) && typeUrl.EndsWith("/" + type.Config.FullName, StringComparison.Ordinal));

    /// <summary>By the filter's own message or the one that routes use; null when there is none.</summary>
    public static HttpFilterType? Find(MessageDescriptor message)
        => Array.Find(s_types, type => type.RouteConfig.FullName == message.FullName || type.Config.FullName == message.FullName);
}
