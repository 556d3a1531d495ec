using Weft.Base;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Clusters;

/// <summary>How a STRICT_DNS or LOGICAL_DNS cluster asks for its names. Immutable.</summary>
public sealed record DnsClusterConfig
{
    /// <summary>dns_refresh_rate; default 5,000.</summary>
    public long RefreshMs { get; init; } = 5_000;

    /// <summary>dns_failure_refresh_rate: the first delay is up to this; 0: failures use <see cref="RefreshMs"/>.</summary>
    public long FailureBaseMs { get; init; }

    /// <summary>The delay after failures doubles up to this; default ten times the base.</summary>
    public long FailureMaxMs { get; init; }

    /// <summary>respect_dns_ttl: refresh when the answer expires. Default false.</summary>
    public bool RespectTtl { get; init; }

    public DnsLookupFamily Family { get; init; }

    /// <summary>The cluster's own resolver; null: the process's.</summary>
    public DnsResolverConfig? Resolver { get; init; }

    internal static DnsClusterConfig Create(Envoy.Config.Cluster.V3.Cluster config, ConfigContext context) =>
        WithFailureRates(config.DnsFailureRefreshRate, context) with
        {
            RefreshMs = config.DnsRefreshRate.ToMs(5_000),
            RespectTtl = config.RespectDnsTtl,
            Family = FamilyOf(config.DnsLookupFamily),
            Resolver = DnsResolverConfig.Create(config, context),
        };

    /// <summary>The same for the names of a dynamic forward proxy, which always keep to their TTL.</summary>
    internal static DnsClusterConfig Create(Envoy.Extensions.Common.DynamicForwardProxy.V3.DnsCacheConfig config, ConfigContext context) =>
        WithFailureRates(config.DnsFailureRefreshRate, context) with
        {
            RefreshMs = config.DnsRefreshRate.ToMs(60_000),
            RespectTtl = true,
            Family = FamilyOf(config.DnsLookupFamily),
            Resolver = DnsResolverConfig.Create(config, context),
        };

    private static DnsClusterConfig WithFailureRates(Envoy.Config.Cluster.V3.Cluster.Types.RefreshRate? failure, ConfigContext context)
    {
        var baseMs = (failure?.BaseInterval).ToMs(0);
        var maxMs = (failure?.MaxInterval).ToMs(baseMs * 10);
        if (maxMs < baseMs)
            context.Error(failure!, "max_interval", "dns_failure_refresh_rate must have max_interval greater than or equal to the base_interval");
        return new DnsClusterConfig { FailureBaseMs = baseMs, FailureMaxMs = Math.Max(maxMs, baseMs) };
    }

    private static DnsLookupFamily FamilyOf(Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily family) => family switch
    {
        Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily.V4Only => DnsLookupFamily.V4Only,
        Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily.V6Only => DnsLookupFamily.V6Only,
        Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily.V4Preferred => DnsLookupFamily.V4Preferred,
        Envoy.Config.Cluster.V3.Cluster.Types.DnsLookupFamily.All => DnsLookupFamily.All,
        _ => DnsLookupFamily.Auto,
    };
}

/// <summary>
/// When to ask again: after success the refresh rate or the TTL, after failures random delays below a doubling limit, as
/// Envoy's. Main thread.
/// </summary>
internal sealed class DnsRefreshSchedule(DnsClusterConfig config, RandomSource random)
{
    private long _failureLimitMs = config.FailureBaseMs;

    public long AfterSuccess(uint ttlSeconds)
    {
        _failureLimitMs = config.FailureBaseMs;
        return config.RespectTtl && ttlSeconds > 0 ? ttlSeconds * 1000L : config.RefreshMs;
    }

    public long AfterFailure()
    {
        if (_failureLimitMs == 0)
            return config.RefreshMs;
        var limit = _failureLimitMs;
        _failureLimitMs = Math.Min(limit * 2, config.FailureMaxMs);
        return (long)(random.Next() % (ulong)limit);
    }
}
