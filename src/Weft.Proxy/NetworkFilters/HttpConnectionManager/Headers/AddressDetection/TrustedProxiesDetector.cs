using Weft.Http;
using Weft.Net;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;

/// <summary>envoy.http.original_ip_detection.xff by xff_trusted_cidrs: the last entry of x-forwarded-for that no trusted proxy has, where a trusted proxy sends it.</summary>
/// <param name="trusted">The networks of trusted proxies.</param>
/// <param name="appendsTrusted">A trusted proxy's own address is appended (skip_xff_append false); that of another peer always is.</param>
internal sealed class TrustedProxiesDetector(AddressRanges trusted, bool appendsTrusted) : AddressDetector
{
    /// <summary>Longer lists are not read: few have a use, and each entry costs (as in Envoy).</summary>
    private const int MaxEntries = 20;

    public override bool AppendsPeer(NetAddress peer) => appendsTrusted || !trusted.Contains(peer);

    public override bool TryDetect(HeaderMap headers, NetAddress peer, out NetAddress address, out bool mayBeInternal)
    {
        address = default;
        mayBeInternal = false;
        var list = headers.Get(KnownHeader.XForwardedFor);
        var others = list.Count((byte)',');
        if (others >= MaxEntries || !trusted.Contains(peer)) return false;
        for (var i = 0u; i <= others; i++)
        {
            if (!ForwardedFor.TryGetFromEnd(headers, i, out address)) return false;
            if (!trusted.Contains(address)) break;
        }

        // Where all are trusted it is the first.
        mayBeInternal = others == 0;
        return true;
    }
}
