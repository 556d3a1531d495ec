using System.Text;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Workers;
using HealthCheckMessage = Envoy.Extensions.Filters.Http.HealthCheck.V3.HealthCheck;

namespace Weft.Proxy.HttpFilters.HealthCheck;

/// <summary>Makes filters that answer, or remember the answers to, health checks of the proxy itself (envoy.filters.http.health_check).</summary>
internal sealed class HealthCheckFilterFactory : HttpFilterFactory
{
    private ServerStatus? _status;
    private HeaderMatcher[] _headers = [];

    public required HealthCheckFilterStats Stats { get; init; }

    /// <summary>pass_through_mode: health checks go to the service behind.</summary>
    public required bool PassesThrough { get; init; }

    /// <summary>Remembers the service's answers for cache_time; null without.</summary>
    public HealthAnswerCache? Cache { get; init; }

    /// <summary>cluster_min_healthy_percentages, truncated to whole percents.</summary>
    public IReadOnlyList<(ClusterReference Cluster, long MinPercent)> Clusters { get; init; } = [];

    /// <summary>The node's cluster, for x-envoy-upstream-healthchecked-cluster.</summary>
    public required byte[] ServiceCluster { get; init; }

    /// <summary>/healthcheck/fail, or a graceful stop. Any thread.</summary>
    public bool HasFailed => _status?.HealthCheckFailed ?? false;

    public static HealthCheckFilterFactory Create(string name, HealthCheckMessage config, string statPrefix, FactoryContext context)
    {
        var passesThrough = config.PassThroughMode ?? false;
        var cacheMs = config.CacheTime.ToMs(0);
        if (!passesThrough && cacheMs > 0)
            context.Config.Error(config, "cache_time", "cache_time_ms must not be set when path_through_mode is disabled");
        return new HealthCheckFilterFactory
        {
            Name = name,
            Stats = new HealthCheckFilterStats(context.Stats.Scope($"http.{statPrefix}.health_check.")),
            PassesThrough = passesThrough,
            Cache = cacheMs > 0 ? new HealthAnswerCache(cacheMs, TimeProvider.System) : null,
            Clusters = passesThrough ? [] : ClustersOf(config, context),
            ServiceCluster = Encoding.Latin1.GetBytes(context.Node.Cluster),
            _status = context.Status,
            _headers = [.. config.Headers.Select(header => HeaderMatcher.Create(header, context.Config))],
        };
    }

    public override HttpFilter Create(Worker worker) => new HealthCheckFilter(this, worker);

    /// <summary>Whether a request is a health check.</summary>
    public bool IsHealthCheck(HeaderMap request)
    {
        foreach (var matcher in _headers)
        {
            if (!matcher.IsMatch(request))
                return false;
        }

        return true;
    }

    private static List<(ClusterReference Cluster, long MinPercent)> ClustersOf(HealthCheckMessage config, FactoryContext context)
    {
        var clusters = new List<(ClusterReference, long)>();
        foreach (var (cluster, percent) in config.ClusterMinHealthyPercentages)
        {
            if (double.IsNaN(percent.Value))
                context.Config.Error(config, "cluster_min_healthy_percentages", $"cluster_min_healthy_percentages contains a NaN value for cluster: {cluster}");
            clusters.Add((context.Clusters.Get(cluster), (long)percent.Value));
        }

        return clusters;
    }
}
