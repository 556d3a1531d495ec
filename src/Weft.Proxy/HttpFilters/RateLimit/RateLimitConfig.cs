using Envoy.Type.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.RateLimiting;
using Weft.Proxy.Routing;
using Weft.Proxy.Routing.RateLimits;
using Weft.Proxy.Runtime;
using FilterMessage = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimit;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>Whose requests are limited: request_type.</summary>
internal enum RequestOrigin : byte { Both, Internal, External }

/// <summary>envoy.filters.http.ratelimit as configured. Immutable; any thread.</summary>
internal sealed class RateLimitConfig
{
    private const int DefaultStatus = 429;
    private const int DefaultStatusOnError = 500;

    private RateLimitConfig(FilterMessage config, RateLimitService service, FactoryContext context)
    {
        Service = service;
        Stage = config.Stage;
        Origin = config.RequestType switch
        {
            "internal" => RequestOrigin.Internal,
            "external" => RequestOrigin.External,
            _ => RequestOrigin.Both,
        };
        Enabled = config.FilterEnabled is { } enabled ? RuntimeFraction.From(enabled) : new RuntimeFraction("ratelimit.http_filter_enabled", 100, 100);
        Enforced = config.FilterEnforced is { } enforced ? RuntimeFraction.From(enforced) : new RuntimeFraction("ratelimit.http_filter_enforcing", 100, 100);
        Limits = RateLimitPolicy.OfFilter(config.RateLimits, context);
        DeniedOnFailure = config.FailureModeDenyPercent is { } denied ? RuntimeFraction.From(denied) : new RuntimeFraction(null, config.FailureModeDeny ? 1u : 0u, 1);
        AsResourceExhausted = config.RateLimitedAsResourceExhausted;
        TellsLimits = config.EnableXRatelimitHeaders == FilterMessage.Types.XRateLimitHeadersRFCVersion.DraftVersion03;
        SaysRateLimited = !config.DisableXEnvoyRatelimitedHeader;
        // Codes that are no refusal are not taken, as by Envoy.
        Status = config.RateLimitedStatus is { Code: >= StatusCode.BadRequest } limited ? (int)limited.Code : DefaultStatus;
        StatusOnError = config.StatusOnError is { } onError ? (int)onError.Code : DefaultStatusOnError;
        ResponseHeaders = HeaderMutations.Create(config.ResponseHeadersToAdd, [], context.Config, config, "response_headers_to_add", "");
        StatPrefix = config.StatPrefix.Length > 0 ? $"ratelimit.{config.StatPrefix}." : "ratelimit.";
    }

    public RateLimitService Service { get; }

    /// <summary>Only limits of this stage count; default 0.</summary>
    public uint Stage { get; }

    public RequestOrigin Origin { get; }

    /// <summary>filter_enabled, or the runtime key of old: the requests that the service is asked about; default all.</summary>
    public RuntimeFraction Enabled { get; }

    /// <summary>filter_enforced, or the runtime key of old: the refusals that are carried out; default all.</summary>
    public RuntimeFraction Enforced { get; }

    /// <summary>rate_limits of the filter itself, which count instead of those of routes and virtual hosts; null: there are none.</summary>
    public RateLimitPolicy? Limits { get; }

    /// <summary>failure_mode_deny, failure_mode_deny_percent: the requests that do not go on without an answer; default none.</summary>
    public RuntimeFraction DeniedOnFailure { get; }

    /// <summary>rate_limited_as_resource_exhausted: gRPC status 8 rather than 14.</summary>
    public bool AsResourceExhausted { get; }

    /// <summary>enable_x_ratelimit_headers.</summary>
    public bool TellsLimits { get; }

    /// <summary>Refusals carry x-envoy-ratelimited.</summary>
    public bool SaysRateLimited { get; }

    /// <summary>rate_limited_status; default 429.</summary>
    public int Status { get; }

    /// <summary>status_on_error; default 500.</summary>
    public int StatusOnError { get; }

    /// <summary>response_headers_to_add, on refusals.</summary>
    public HeaderMutations ResponseHeaders { get; }

    /// <summary>What the names of its statistics begin with, below those of the cluster.</summary>
    public string StatPrefix { get; }

    /// <summary>Null, with findings, when the service cannot be asked.</summary>
    public static RateLimitConfig? Create(FilterMessage config, FactoryContext context)
        => RateLimitService.Create(config.RateLimitService, config.Domain, config.Timeout, config, context) is { } service ? new RateLimitConfig(config, service, context) : null;
}
