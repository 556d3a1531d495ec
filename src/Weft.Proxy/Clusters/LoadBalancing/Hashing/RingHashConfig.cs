using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>RingHashLbConfig.hash_function.</summary>
public enum RingHashFunction : byte { XxHash, MurmurHash2 }

/// <summary>ring_hash_lb_config with common_lb_config.consistent_hashing_lb_config. Immutable.</summary>
public sealed record RingHashConfig
{
    /// <summary>minimum_ring_size; default 1,024.</summary>
    public ulong MinSize { get; init; } = 1024;

    /// <summary>maximum_ring_size; default 8,388,608.</summary>
    public ulong MaxSize { get; init; } = 8 * 1024 * 1024;

    public RingHashFunction Function { get; init; }

    /// <summary>use_hostname_for_hashing; default false.</summary>
    public bool UseHostname { get; init; }

    /// <summary>Gauges of the cluster; null: none are kept.</summary>
    internal RingHashStats? Stats { get; init; }
}

/// <summary>The gauges <c>ring_hash_lb.</c> of a cluster. Main thread.</summary>
internal sealed class RingHashStats(StatsScope scope)
{
    private readonly Gauge _size = scope.Gauge("ring_hash_lb.size");
    private readonly Gauge _min = scope.Gauge("ring_hash_lb.min_hashes_per_host");
    private readonly Gauge _max = scope.Gauge("ring_hash_lb.max_hashes_per_host");

    public void Set(long size, long minPerEndpoint, long maxPerEndpoint)
    {
        _size.Set(size);
        _min.Set(minPerEndpoint);
        _max.Set(maxPerEndpoint);
    }
}
