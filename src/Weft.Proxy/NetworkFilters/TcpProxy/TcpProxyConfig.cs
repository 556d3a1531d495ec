using Weft.Base;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing.Subsets;
using Weft.Proxy.NetworkFilters.TcpProxy.Tunneling;
using Weft.Proxy.Stats;
using TcpProxyMessage = Envoy.Extensions.Filters.Network.TcpProxy.V3.TcpProxy;

namespace Weft.Proxy.NetworkFilters.TcpProxy;

/// <summary>A TcpProxy as configured. Immutable, shared by all workers.</summary>
public sealed record TcpProxyConfig
{
    /// <summary>Where connections go: one cluster, or several by weight.</summary>
    public required IReadOnlyList<WeightedClusterReference> Clusters { get; init; }

    /// <summary>metadata_match, for a cluster that a filter has chosen.</summary>
    internal MetadataCriteria? DefaultMetadataMatch { get; init; }

    /// <summary>Finds the cluster of a name that a filter in front has chosen.</summary>
    public ClusterReferences? ClusterNames { get; init; }

    /// <summary>Connections go through a proxy; null: straight to the endpoint.</summary>
    internal TunnelingConfig? Tunneling { get; init; }

    /// <summary>What the load balancer of a cluster that hashes goes by; null: a random number.</summary>
    internal ConnectionHash? HashPolicy { get; init; }

    /// <summary>A connection without a byte in either direction is closed after this; default 1 hour; 0: never.</summary>
    public long IdleTimeoutMs { get; init; } = 3_600_000;

    /// <summary>A connection is closed after this, busy or not; 0: never.</summary>
    public long MaxDownstreamConnectionDurationMs { get; init; }

    /// <summary>A connection may last up to this longer, by chance; default 0.</summary>
    public long ConnectionDurationJitterMs { get; init; }

    /// <summary>Endpoints to try before the client's connection is closed; default 1.</summary>
    public int MaxConnectAttempts { get; init; } = 1;

    public AccessLogger[] AccessLogs { get; init; } = [];

    /// <summary>When they are written besides the end of a connection.</summary>
    internal AccessLogTimes AccessLogTimes { get; init; } = AccessLogTimes.AtEnd;

    public required TcpProxyStats Stats { get; init; }

    /// <summary>Validates and compiles; faults are reported in the context.</summary>
    public static TcpProxyConfig Create(TcpProxyMessage config, FactoryContext context)
    {
        var metadata = MetadataCriteria.Of(config.MetadataMatch);
        WeightedClusterReference Weighted(string name, uint weight, MetadataCriteria? own) =>
            new(context.Clusters.Get(name), weight) { MetadataMatch = MetadataCriteria.Merge(metadata, own) };
        return new TcpProxyConfig
        {
            Clusters = config.ClusterSpecifierCase == TcpProxyMessage.ClusterSpecifierOneofCase.WeightedClusters
                ? [.. config.WeightedClusters.Clusters.Select(cluster => Weighted(cluster.Name, cluster.Weight, MetadataCriteria.Of(cluster.MetadataMatch)))]
                : [Weighted(config.Cluster, 1, null)],
            ClusterNames = context.Clusters,
            IdleTimeoutMs = config.IdleTimeout.ToMs(3_600_000),
            MaxDownstreamConnectionDurationMs = config.MaxDownstreamConnectionDuration.ToMs(0),
            ConnectionDurationJitterMs = (long)Math.Ceiling(config.MaxDownstreamConnectionDuration.ToMs(0) * ((config.MaxDownstreamConnectionDurationJitterPercentage?.Value ?? 0) / 100)),
            MaxConnectAttempts = (int)Math.Min(config.MaxConnectAttempts ?? 1, int.MaxValue),
            AccessLogs = AccessLogger.Create(config.AccessLog, context),
            AccessLogTimes = AccessLogTimes.Of(config, context.Config),
            Stats = new TcpProxyStats(context.Stats, config.StatPrefix),
            Tunneling = TunnelingConfig.Create(config.TunnelingConfig, context),
            HashPolicy = ConnectionHash.Create(config.HashPolicy),
            DefaultMetadataMatch = metadata,
        };
    }

    /// <summary>How long one connection may last: so that those that came together do not end together. 0: for ever. Worker thread.</summary>
    internal long ConnectionDurationMs(RandomSource random) =>
        MaxDownstreamConnectionDurationMs + (ConnectionDurationJitterMs > 0 ? (long)(random.Next() % (ulong)ConnectionDurationJitterMs) : 0);

    /// <summary>The cluster for one attempt. Worker thread.</summary>
    internal WeightedClusterReference PickCluster(RandomSource random)
    {
        if (Clusters.Count == 1)
            return Clusters[0];
        var total = 0UL;
        for (var i = 0; i < Clusters.Count; i++)
            total += Clusters[i].Weight;
        var point = random.Next() % total;
        var last = 0;
        while (point >= Clusters[last].Weight)
            point -= Clusters[last++].Weight;
        return Clusters[last];
    }
}

/// <summary>A cluster and its share.</summary>
/// <param name="Weight">At least 1.</param>
public readonly record struct WeightedClusterReference(ClusterReference Cluster, uint Weight)
{
    /// <summary>What the endpoint's metadata must be, for clusters with subsets; null: anything.</summary>
    internal MetadataCriteria? MetadataMatch { get; init; }
}
