using Weft.Base.Hashing;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>connection_properties.source_ip: the client's address, as far as trusted headers tell it.</summary>
internal sealed class SourceIpHash : HashMethod
{
    public override ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies) => Of(info.DownstreamRemoteAddress);

    /// <summary>The hash of an address without its port; null when it is no IP address.</summary>
    public static ulong? Of(in NetAddress address)
    {
        if (address.Kind is not (NetAddressKind.IPv4 or NetAddressKind.IPv6))
            return null;
        Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
        return XxHash64.Hash(text[..address.Format(text, withPort: false)]);
    }
}
