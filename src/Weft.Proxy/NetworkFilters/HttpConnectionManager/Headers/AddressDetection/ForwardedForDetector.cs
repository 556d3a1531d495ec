using Weft.Http;
using Weft.Net;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;

/// <summary>envoy.http.original_ip_detection.xff: by x-forwarded-for, as it is done without any extension.</summary>
/// <param name="trustedHops">xff_num_trusted_hops: proxies in front of this one whose entries are passed over.</param>
/// <param name="appendsPeer">skip_xff_append is false.</param>
internal sealed class ForwardedForDetector(uint trustedHops, bool appendsPeer = false) : AddressDetector
{
    public override bool AppendsPeer(NetAddress peer) => appendsPeer;

    public override bool TryDetect(HeaderMap headers, NetAddress peer, out NetAddress address, out bool mayBeInternal)
    {
        // A list of several was written by several: only the one that wrote a single address is known.
        mayBeInternal = trustedHops == 0 && !headers.Get(KnownHeader.XForwardedFor).Contains((byte)',');
        return ForwardedFor.TryGetFromEnd(headers, trustedHops, out address);
    }
}
