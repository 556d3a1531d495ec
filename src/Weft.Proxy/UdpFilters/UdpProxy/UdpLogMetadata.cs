using System.Text;
using Weft.Proxy.Streams;

namespace Weft.Proxy.UdpFilters.UdpProxy;

/// <summary>What access logs of the UDP proxy read as dynamic metadata: <c>udp.proxy.session</c> and <c>udp.proxy.proxy</c>. One worker.</summary>
internal static class UdpLogMetadata
{
    private const string Session = "udp.proxy.session";
    private const string Proxy = "udp.proxy.proxy";

    public static void NoteSession(StreamInfo info, string cluster, long datagramsReceived, long datagramsSent, long errorsSent)
    {
        var metadata = info.DynamicMetadata;
        metadata.Set(Session, "cluster_name", Encoding.UTF8.GetBytes(cluster));
        metadata.Set(Session, "bytes_sent", info.BytesSent);
        metadata.Set(Session, "bytes_received", info.BytesReceived);
        metadata.Set(Session, "errors_sent", errorsSent);
        metadata.Set(Session, "datagrams_sent", datagramsSent);
        metadata.Set(Session, "datagrams_received", datagramsReceived);
    }

    public static void NoteProxy(StreamInfo info, UdpProxyStats stats)
    {
        var metadata = info.DynamicMetadata;
        metadata.Set(Proxy, "bytes_sent", stats.TxBytes.Value);
        metadata.Set(Proxy, "bytes_received", stats.RxBytes.Value);
        metadata.Set(Proxy, "errors_sent", stats.TxErrors.Value);
        metadata.Set(Proxy, "errors_received", stats.RxErrors.Value);
        metadata.Set(Proxy, "datagrams_sent", stats.TxDatagrams.Value);
        metadata.Set(Proxy, "datagrams_received", stats.RxDatagrams.Value);
        metadata.Set(Proxy, "no_route", stats.NoRoute.Value);
        metadata.Set(Proxy, "session_total", stats.Total.Value);
        metadata.Set(Proxy, "idle_timeout", stats.IdleTimeout.Value);
    }
}
