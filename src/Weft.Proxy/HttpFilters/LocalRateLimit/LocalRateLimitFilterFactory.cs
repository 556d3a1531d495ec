using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using LimitMessage = Envoy.Extensions.Filters.Http.LocalRatelimit.V3.LocalRateLimit;

namespace Weft.Proxy.HttpFilters.LocalRateLimit;

/// <summary>Makes filters that limit requests without asking a service (envoy.filters.http.local_ratelimit).</summary>
internal sealed class LocalRateLimitFilterFactory : HttpFilterFactory
{
    public required LocalRateLimitConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static LocalRateLimitFilterFactory Create(string name, LimitMessage config, string statPrefix, FactoryContext context)
        => new() { Name = name, Config = LocalRateLimitConfig.Create(config, context), Runtime = context.Runtime };

    public override HttpFilter Create(Worker worker) => new LocalRateLimitFilter(this, worker);

    internal override IReadOnlyList<string> Explain(FilterRouteConfig? ofRoute, in MatchData request)
        => (ofRoute as LocalRateLimitConfig ?? Config).Limits?.Explain(request) ?? [];
}
