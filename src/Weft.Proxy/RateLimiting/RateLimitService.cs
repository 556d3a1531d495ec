using Envoy.Config.Core.V3;
using Envoy.Config.Ratelimit.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;

namespace Weft.Proxy.RateLimiting;

/// <summary>A rate limit service as filters configure it. Immutable; any thread.</summary>
/// <param name="Target">Where it is.</param>
/// <param name="Domain">What its limits are looked up in.</param>
/// <param name="TimeoutMs">For each question; default 20.</param>
internal sealed record RateLimitService(CollectorTarget Target, string Domain, long TimeoutMs)
{
    private const string Method = "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit";
    private const long DefaultTimeoutMs = 20;

    /// <summary>Null, with findings, when it cannot be asked.</summary>
    /// <param name="at">The filter's message, to report at.</param>
    public static RateLimitService? Create(RateLimitServiceConfig? config, string domain, Duration? timeout, IMessage at, FactoryContext context)
    {
        if (config?.GrpcService is not { } service) return null; // The API's own rules report it.
        if (config.TransportApiVersion is ApiVersion.V2)
            context.Config.Error(at, "rate_limit_service", "V2 (and AUTO) xDS transport protocol versions are deprecated in rate_limit_service; use transport_api_version: V3");
        return CollectorTarget.Create(service, Method, "rate limit", context) is { } target
            ? new RateLimitService(target, domain, timeout.ToMs(DefaultTimeoutMs))
            : null;
    }
}
