using Envoy.Extensions.Filters.Http.Ratelimit.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.RateLimits;
using VhOption = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimitPerRoute.Types.VhRateLimitsOptions;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>RateLimitPerRoute. Immutable; any thread.</summary>
internal sealed class RateLimitRouteConfig(RateLimitPerRoute config, RateLimitPolicy? limits) : FilterRouteConfig
{
    /// <summary>rate_limits, which count instead of those of the filter, the route and the virtual host; null: there are none.</summary>
    public RateLimitPolicy? Limits => limits;

    /// <summary>Whether the virtual host's rate_limits count beside the route's.</summary>
    public VhOption VirtualHostLimits => config.VhRateLimits;

    /// <summary>Instead of the filter's; empty: the filter's.</summary>
    public string Domain => config.Domain;

    public static RateLimitRouteConfig Create(RateLimitPerRoute config, FactoryContext context) => new(config, RateLimitPolicy.OfFilter(config.RateLimits, context));
}
