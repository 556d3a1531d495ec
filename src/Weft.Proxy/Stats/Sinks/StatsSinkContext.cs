using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Stats.Sinks;

/// <summary>What the factories of sinks are handed. Main thread.</summary>
internal sealed class StatsSinkContext
{
    public required FactoryContext Factory { get; init; }

    /// <summary>Who this proxy is, for services that are told.</summary>
    public required Envoy.Config.Core.V3.Node Node { get; init; }

    /// <summary>How names become tags.</summary>
    public required StatsConfig StatsConfig { get; init; }

    /// <summary>The main thread's half of the clusters, for sinks that send through one.</summary>
    public required Worker Main { get; init; }

    /// <summary>All clusters there are now.</summary>
    public required Func<IReadOnlyList<Cluster>> Clusters { get; init; }

    /// <summary>stats_flush_interval.</summary>
    public required long FlushIntervalMs { get; init; }
}
