using Envoy.Extensions.Filters.Udp.UdpProxy.V3;
using Weft.Net.Udp;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners;
using Weft.Proxy.Workers;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary>envoy.filters.udp_listener.udp_proxy as configured. Immutable, shared by all workers.</summary>
internal sealed class UdpProxyFactory : UdpFilterFactory
{
    public required UdpRoute Route { get; init; }

    public required UdpProxyStats Stats { get; init; }

    /// <summary>A session without a datagram in either direction ends after this; default 60,000.</summary>
    public required long IdleTimeoutMs { get; init; }

    /// <summary>Null: none.</summary>
    public required UdpHashPolicy? HashPolicy { get; init; }

    /// <summary>use_per_packet_load_balancing: each datagram of a client may go to another endpoint.</summary>
    public required bool BalancesEachDatagram { get; init; }

    /// <summary>use_original_src_ip: endpoints see the client's address.</summary>
    public required bool UsesClientAddress { get; init; }

    /// <summary>Longest datagram of an endpoint; default 1,500.</summary>
    public required int MaxDatagramBytes { get; init; }

    /// <summary>Written at the end of a session, and every <see cref="LogIntervalMs"/>.</summary>
    public required AccessLogger[] SessionLogs { get; init; }

    /// <summary>Written when the listener ends.</summary>
    public required AccessLogger[] ProxyLogs { get; init; }

    /// <summary>0: not before the end.</summary>
    public required long LogIntervalMs { get; init; }

    /// <summary>Compiles; faults are reported in the context.</summary>
    public static UdpProxyFactory Create(UdpProxyConfig config, FactoryContext context)
    {
        if (config.UseOriginalSrcIp && !UdpPeerSocket.CanBindElsewhere())
        {
            context.Config.Error(config, "use_original_src_ip",
                "The platform does not support either IP_TRANSPARENT or IPV6_TRANSPARENT. Or the envoy is not running with the CAP_NET_ADMIN capability.");
        }

        return new UdpProxyFactory
        {
            Route = UdpRoute.Create(config, context),
            Stats = new UdpProxyStats(context.Stats, config.StatPrefix),
            IdleTimeoutMs = config.IdleTimeout.ToMs(60_000),
            HashPolicy = UdpHashPolicy.Create(config.HashPolicies),
            BalancesEachDatagram = config.UsePerPacketLoadBalancing,
            UsesClientAddress = config.UseOriginalSrcIp,
            MaxDatagramBytes = UdpListenerConfig.DatagramBytesOf(config.UpstreamSocketConfig),
            SessionLogs = AccessLogger.Create(config.AccessLog, context),
            ProxyLogs = AccessLogger.Create(config.ProxyAccessLog, context),
            LogIntervalMs = config.AccessLogOptions?.AccessLogFlushInterval.ToMs(0) ?? 0,
        };
    }

    public override UdpFilter Create(Worker worker) => new UdpProxyFilter(this, worker);
}
