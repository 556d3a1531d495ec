using System.Text;
using Weft.Net;

namespace Weft.Proxy.Streams;

/// <summary>Envoy's names of filter state that something here goes by.</summary>
internal static class WellKnownState
{
    /// <summary>The cluster that tcp_proxy goes to instead of the configured one.</summary>
    public const string TcpProxyCluster = "envoy.tcp_proxy.cluster";

    /// <summary>Where a connection of an internal listener wanted to go, as <c>1.2.3.4:80</c>.</summary>
    public const string OriginalDestination = "envoy.filters.listener.original_dst.local_ip";

    /// <summary>Who sent a connection of an internal listener.</summary>
    public const string OriginalSource = "envoy.filters.listener.original_dst.remote_ip";

    /// <summary>Reads <c>1.2.3.4:80</c> or <c>[::1]:80</c>.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> text, out NetAddress address)
    {
        address = default;
        var colon = text.LastIndexOf((byte)':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], System.Globalization.NumberStyles.None, null, out var port))
            return false;
        var host = text[..colon];
        if (host is [(byte)'[', .. var inside, (byte)']'])
            host = inside;
        else if (host.Contains((byte)':'))
            return false;
        return NetAddress.TryParseIP(Encoding.ASCII.GetString(host), port, out address);
    }
}
