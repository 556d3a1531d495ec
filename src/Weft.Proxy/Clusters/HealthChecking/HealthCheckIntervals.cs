using Envoy.Config.Core.V3;
using Weft.Base;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>How long until the next check of an endpoint. Immutable; milliseconds.</summary>
internal sealed record HealthCheckIntervals
{
    private const long DefaultNoTrafficMs = 60_000;

    /// <summary>interval: the endpoint is healthy and traffic flows.</summary>
    public required long HealthyMs { get; init; }

    /// <summary>unhealthy_interval; default <see cref="HealthyMs"/>.</summary>
    public required long UnhealthyMs { get; init; }

    /// <summary>unhealthy_edge_interval: after a first failure, until the threshold is reached; default <see cref="UnhealthyMs"/>.</summary>
    public required long UnhealthyEdgeMs { get; init; }

    /// <summary>healthy_edge_interval: after a first success, until the threshold is reached; default <see cref="HealthyMs"/>.</summary>
    public required long HealthyEdgeMs { get; init; }

    /// <summary>no_traffic_interval: the cluster never had a connection; default 60,000.</summary>
    public required long NoTrafficMs { get; init; }

    /// <summary>no_traffic_healthy_interval; default <see cref="NoTrafficMs"/>.</summary>
    public required long NoTrafficHealthyMs { get; init; }

    /// <summary>initial_jitter: the first check waits up to this; default 0.</summary>
    public long InitialJitterMs { get; init; }

    /// <summary>interval_jitter: every wait is longer by up to this; default 0.</summary>
    public long JitterMs { get; init; }

    /// <summary>interval_jitter_percent: ... and by up to this percentage of itself; default 0.</summary>
    public uint JitterPercent { get; init; }

    public static HealthCheckIntervals Create(HealthCheck config)
    {
        var interval = config.Interval.ToMs(0);
        var unhealthy = config.UnhealthyInterval.ToMs(interval);
        var noTraffic = config.NoTrafficInterval.ToMs(DefaultNoTrafficMs);
        return new HealthCheckIntervals
        {
            HealthyMs = interval,
            UnhealthyMs = unhealthy,
            UnhealthyEdgeMs = config.UnhealthyEdgeInterval.ToMs(unhealthy),
            HealthyEdgeMs = config.HealthyEdgeInterval.ToMs(interval),
            NoTrafficMs = noTraffic,
            NoTrafficHealthyMs = config.NoTrafficHealthyInterval.ToMs(noTraffic),
            InitialJitterMs = config.InitialJitter.ToMs(0),
            JitterMs = config.IntervalJitter.ToMs(0),
            JitterPercent = config.IntervalJitterPercent,
        };
    }

    /// <summary>The wait after a check.</summary>
    /// <param name="isSuccess">The check succeeded.</param>
    /// <param name="hasTraffic">The cluster had a connection at least once.</param>
    public long NextMs(bool isSuccess, HealthTransition transition, bool hasTraffic, RandomSource random, RuntimeSnapshot runtime) =>
        WithJitter(BaseMs(isSuccess, transition == HealthTransition.Pending, hasTraffic), JitterMs, random, runtime);

    /// <summary>The wait before the first check.</summary>
    public long FirstMs(RandomSource random, RuntimeSnapshot runtime) => WithJitter(0, InitialJitterMs, random, runtime);

    private long BaseMs(bool isSuccess, bool isEdge, bool hasTraffic)
    {
        if (!hasTraffic)
            return isSuccess && !isEdge ? NoTrafficHealthyMs : NoTrafficMs;
        if (isSuccess)
            return isEdge ? HealthyEdgeMs : HealthyMs;
        return isEdge ? UnhealthyEdgeMs : UnhealthyMs;
    }

    /// <summary>Runtime keys bound the result; it is never 0, so that a check cannot spin.</summary>
    private long WithJitter(long waitMs, long jitterMs, RandomSource random, RuntimeSnapshot runtime)
    {
        var share = waitMs * JitterPercent / 100;
        if (share > 0)
            waitMs += (long)(random.Next() % (ulong)share);
        if (jitterMs > 0)
            waitMs += (long)(random.Next() % (ulong)jitterMs);
        var max = runtime.GetInteger("health_check.max_interval", ulong.MaxValue);
        var min = runtime.GetInteger("health_check.min_interval", 0);
        return (long)Math.Min(long.MaxValue, Math.Max(1, Math.Max(Math.Min((ulong)waitMs, max), min)));
    }
}
