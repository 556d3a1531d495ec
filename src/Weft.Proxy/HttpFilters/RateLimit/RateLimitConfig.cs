using Envoy.Type.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.RateLimiting;
using Weft.Proxy.Routing;
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
        DeniesOnFailure = config.FailureModeDeny;
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

    /// <summary>failure_mode_deny; default false: without an answer the request goes on.</summary>
    public bool DeniesOnFailure { get; }

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
