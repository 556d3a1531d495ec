using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using FilterMessage = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimit;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>What is counted below a cluster's names.</summary>
internal enum LimitCounter { Ok, Error, FailureModeAllowed, OverLimit }

/// <summary>Makes filters that ask a rate limit service about requests (envoy.filters.http.ratelimit).</summary>
internal sealed class RateLimitFilterFactory : HttpFilterFactory
{
    public required RateLimitConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>In the order of <see cref="LimitCounter"/>.</summary>
    public required ClusterCounters Counters { get; init; }

    public static RateLimitFilterFactory? Create(string name, FilterMessage config, string statPrefix, FactoryContext context)
    {
        if (RateLimitConfig.Create(config, context) is not { } compiled) return null;
        return new RateLimitFilterFactory
        {
            Name = name,
            Config = compiled,
            Runtime = context.Runtime,
            Counters = new ClusterCounters(context.MainLoop, compiled.StatPrefix, "ok", "error", "failure_mode_allowed", "over_limit"),
        };
    }

    public override HttpFilter Create(Worker worker) => new RateLimitFilter(this, worker);

    internal override IReadOnlyList<string> Explain(FilterRouteConfig? ofRoute, in MatchData request)
        => ((ofRoute as RateLimitRouteConfig)?.Limits ?? Config.Limits)?.Explain(request) ?? [];
}
