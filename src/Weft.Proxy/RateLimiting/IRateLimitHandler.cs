using Envoy.Service.Ratelimit.V3;

namespace Weft.Proxy.RateLimiting;

/// <summary>Hears the answer to a <see cref="RateLimitCall"/>; on its thread.</summary>
internal interface IRateLimitHandler
{
    /// <summary>Possibly from within <see cref="RateLimitCall.Start"/>.</summary>
    /// <param name="response">Null with an error.</param>
    void OnRateLimit(RateLimitAnswer answer, RateLimitResponse? response);
}
