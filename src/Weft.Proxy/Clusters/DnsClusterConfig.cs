using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.Base;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns;
using DnsMessage = Envoy.Extensions.Clusters.Dns.V3.DnsCluster;
using FamilyMessage = Envoy.Extensions.Clusters.Common.Dns.V3.DnsLookupFamily;

namespace Weft.Proxy.Clusters;

/// <summary>How a STRICT_DNS or LOGICAL_DNS cluster, or one of their newer form (envoy.clusters.dns), asks for its names. Immutable.</summary>
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

    /// <summary>dns_jitter: after a success it is asked again later by a random time below this; default 0: at once when it is time.</summary>
    public long JitterMs { get; init; }

    public DnsLookupFamily Family { get; init; }

    /// <summary>The cluster's own resolver; null: the process's.</summary>
    public DnsResolverConfig? Resolver { get; init; }

    /// <summary>Of the cluster's own fields, or of its cluster_type alone where that is a DnsCluster.</summary>
    internal static DnsClusterConfig Create(Envoy.Config.Cluster.V3.Cluster config, ConfigContext context) =>
        context.Unpack(config.ClusterType?.TypedConfig) is DnsMessage typed
            ? Create(typed, context)
            : WithFailureRates(config.DnsFailureRefreshRate, context) with
            {
                RefreshMs = config.DnsRefreshRate.ToMs(5_000),
                RespectTtl = config.RespectDnsTtl,
                JitterMs = config.DnsJitter.ToMs(0),
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

    private static DnsClusterConfig Create(DnsMessage config, ConfigContext context) =>
        WithFailureRates(config.DnsFailureRefreshRate, config.DnsFailureRefreshRate?.BaseInterval, config.DnsFailureRefreshRate?.MaxInterval, context) with
        {
            RefreshMs = config.DnsRefreshRate.ToMs(5_000),
            RespectTtl = config.RespectDnsTtl,
            JitterMs = config.DnsJitter.ToMs(0),
            Family = FamilyOf(config.DnsLookupFamily),
            Resolver = DnsResolverConfig.Create(config.TypedDnsResolverConfig, context),
        };

    private static DnsClusterConfig WithFailureRates(Envoy.Config.Cluster.V3.Cluster.Types.RefreshRate? failure, ConfigContext context) =>
        WithFailureRates(failure, failure?.BaseInterval, failure?.MaxInterval, context);

    private static DnsClusterConfig WithFailureRates(IMessage? failure, Duration? baseInterval, Duration? maxInterval, ConfigContext context)
    {
        var baseMs = baseInterval.ToMs(0);
        var maxMs = maxInterval.ToMs(baseMs * 10);
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

    private static DnsLookupFamily FamilyOf(FamilyMessage family) => family switch
    {
        FamilyMessage.V4Only => DnsLookupFamily.V4Only,
        FamilyMessage.V6Only => DnsLookupFamily.V6Only,
        FamilyMessage.V4Preferred => DnsLookupFamily.V4Preferred,
        FamilyMessage.All => DnsLookupFamily.All,
        _ => DnsLookupFamily.Auto,
    };
}

/// <summary>
/// When to ask again: after success the refresh rate or the TTL (and a jitter), after failures random delays below a doubling limit, as
/// Envoy's. Main thread.
/// </summary>
internal sealed class DnsRefreshSchedule(DnsClusterConfig config, RandomSource random)
{
    private long _failureLimitMs = config.FailureBaseMs;

    public long AfterSuccess(uint ttlSeconds)
    {
        _failureLimitMs = config.FailureBaseMs;
        var delayMs = config.RespectTtl && ttlSeconds > 0 ? ttlSeconds * 1000L : config.RefreshMs;
        return config.JitterMs > 0 ? delayMs + (long)(random.Next() % (ulong)config.JitterMs) : delayMs;
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
