using Weft.Base.Stats;

namespace Weft.Proxy.Clusters.LoadBalancing.Hashing;

/// <summary>maglev_lb_config with common_lb_config.consistent_hashing_lb_config. Immutable.</summary>
public sealed record MaglevConfig
{
    /// <summary>table_size, a prime; default 65,537.</summary>
    public ulong TableSize { get; init; } = 65_537;

    /// <summary>use_hostname_for_hashing; default false.</summary>
    public bool UseHostname { get; init; }

    /// <summary>Gauges of the cluster; null: none are kept.</summary>
    internal MaglevStats? Stats { get; init; }

    internal static bool IsPrime(ulong number)
    {
        if (number < 2 || (number % 2 == 0 && number != 2))
            return false;
        for (var divisor = 3UL; divisor * divisor <= number; divisor += 2)
        {
            if (number % divisor == 0)
                return false;
        }
        return true;
    }
}

/// <summary>The gauges <c>maglev_lb.</c> of a cluster. Main thread.</summary>
internal sealed class MaglevStats(StatsScope scope)
{
    private readonly Gauge _min = scope.Gauge("maglev_lb.min_entries_per_host");
    private readonly Gauge _max = scope.Gauge("maglev_lb.max_entries_per_host");

    public void Set(long minPerEndpoint, long maxPerEndpoint)
    {
        _min.Set(minPerEndpoint);
        _max.Set(maxPerEndpoint);
    }
}
