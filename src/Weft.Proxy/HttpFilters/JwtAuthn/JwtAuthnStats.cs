using Weft.Base.Stats;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>What the filter counts: <c>http.PREFIX.jwt_authn.*</c>. Any thread.</summary>
internal sealed class JwtAuthnStats(StatsScope scope)
{
    public Counter Allowed { get; } = scope.Counter("allowed");

    public Counter Denied { get; } = scope.Counter("denied");

    public Counter CorsPreflightBypassed { get; } = scope.Counter("cors_preflight_bypassed");

    public Counter KeysFetched { get; } = scope.Counter("jwks_fetch_success");

    public Counter KeysNotFetched { get; } = scope.Counter("jwks_fetch_failed");

    public Counter CacheHit { get; } = scope.Counter("jwt_cache_hit");

    public Counter CacheMiss { get; } = scope.Counter("jwt_cache_miss");
}
