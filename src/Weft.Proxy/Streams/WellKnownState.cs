using System.Buffers.Text;
using System.Text;
using Weft.Net;

namespace Weft.Proxy.Streams;

/// <summary>Envoy's names of filter state that something here goes by.</summary>
internal static class WellKnownState
{
    /// <summary>The cluster that tcp_proxy goes to instead of the configured one.</summary>
    public const string TcpProxyCluster = "envoy.tcp_proxy.cluster";

    /// <summary><c>true</c>: tcp_proxy carries this connection as it is, although it is configured to tunnel.</summary>
    public const string TcpProxyDisableTunneling = "envoy.tcp_proxy.disable_tunneling";

    /// <summary>idle_timeout of this connection through tcp_proxy, milliseconds; 0: none.</summary>
    public const string TcpProxyIdleTimeoutMs = "envoy.tcp_proxy.per_connection_idle_timeout_ms";

    /// <summary>How many requests this one counts for at a rate limit service.</summary>
    public const string RateLimitHitsAddend = "envoy.ratelimit.hits_addend";

    /// <summary>Where a connection of an internal listener wanted to go, as <c>1.2.3.4:80</c>.</summary>
    public const string OriginalDestination = "envoy.filters.listener.original_dst.local_ip";

    /// <summary>Who sent a connection of an internal listener.</summary>
    public const string OriginalSource = "envoy.filters.listener.original_dst.remote_ip";

    /// <summary>The whole number that is kept under a name; null when there is none.</summary>
    public static ulong? FindNumber(FilterState state, string name) =>
        state.Find(name)?.Text is { } text && TryReadNumber(text, out var number) ? number : null;

    /// <summary>Reads a whole number.</summary>
    public static bool TryReadNumber(ReadOnlySpan<byte> text, out ulong number) => Utf8Parser.TryParse(text, out number, out var length) && length == text.Length;

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
