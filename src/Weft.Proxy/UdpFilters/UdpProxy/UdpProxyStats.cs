using Weft.Base.Stats;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary><c>udp.PREFIX.*</c>.</summary>
internal sealed class UdpProxyStats
{
    public UdpProxyStats(StatsStore store, string prefix)
    {
        var scope = store.Scope($"udp.{prefix}.");
        NoRoute = scope.Counter("downstream_sess_no_route");
        RxBytes = scope.Counter("downstream_sess_rx_bytes");
        RxDatagrams = scope.Counter("downstream_sess_rx_datagrams");
        RxErrors = scope.Counter("downstream_sess_rx_errors");
        Total = scope.Counter("downstream_sess_total");
        TxBytes = scope.Counter("downstream_sess_tx_bytes");
        TxDatagrams = scope.Counter("downstream_sess_tx_datagrams");
        TxErrors = scope.Counter("downstream_sess_tx_errors");
        IdleTimeout = scope.Counter("idle_timeout");
        Active = scope.Gauge("downstream_sess_active");
    }

    public Counter NoRoute { get; }

    public Counter RxBytes { get; }

    public Counter RxDatagrams { get; }

    public Counter RxErrors { get; }

    public Counter Total { get; }

    public Counter TxBytes { get; }

    public Counter TxDatagrams { get; }

    public Counter TxErrors { get; }

    public Counter IdleTimeout { get; }

    public Gauge Active { get; }
}

/// <summary><c>cluster.NAME.udp.*</c> of a cluster that datagrams go to.</summary>
internal sealed class UdpClusterStats
{
    public UdpClusterStats(StatsStore store, string cluster)
    {
        var scope = store.Scope($"cluster.{cluster.Replace(':', '_')}.udp.");
        RxDatagrams = scope.Counter("sess_rx_datagrams");
        RxDropped = scope.Counter("sess_rx_datagrams_dropped");
        RxErrors = scope.Counter("sess_rx_errors");
        TxDatagrams = scope.Counter("sess_tx_datagrams");
        TxErrors = scope.Counter("sess_tx_errors");
    }

    public Counter RxDatagrams { get; }

    public Counter RxDropped { get; }

    public Counter RxErrors { get; }

    public Counter TxDatagrams { get; }

    public Counter TxErrors { get; }
}
