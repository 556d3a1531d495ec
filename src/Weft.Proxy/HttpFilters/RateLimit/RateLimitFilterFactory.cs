using System.Runtime.CompilerServices;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using FilterMessage = Envoy.Extensions.Filters.Http.Ratelimit.V3.RateLimit;

namespace Weft.Proxy.HttpFilters.RateLimit;

/// <summary>Makes filters that ask a rate limit service about requests (envoy.filters.http.ratelimit).</summary>
internal sealed class RateLimitFilterFactory : HttpFilterFactory
{
    private readonly ConditionalWeakTable<ClusterConfig, ClusterLimitStats> _stats = [];

    public required RateLimitConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public required EventLoop MainLoop { get; init; }

    public static RateLimitFilterFactory? Create(string name, FilterMessage config, string statPrefix, FactoryContext context)
    {
        if (RateLimitConfig.Create(config, context) is not { } compiled) return null;
        return new RateLimitFilterFactory { Name = name, Config = compiled, Runtime = context.Runtime, MainLoop = context.MainLoop };
    }

    public override HttpFilter Create(Worker worker) => new RateLimitFilter(this, worker);

    /// <summary>Those of a cluster; any worker.</summary>
    public ClusterLimitStats StatsOf(ClusterConfig cluster)
        => _stats.TryGetValue(cluster, out var stats) ? stats : _stats.GetValue(cluster, added => new ClusterLimitStats(added, Config.StatPrefix, MainLoop));
}
