using System.Buffers.Text;
using Weft.Base.Hashing;
using Weft.Http;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Routing.HashPolicies;

/// <summary>The value of a cookie. With a ttl, a client without it is given one, by which its next requests stay where this one went.</summary>
internal sealed class CookieHash(CookieText cookie, bool isGenerated) : HashMethod
{
    private static readonly System.Buffers.StandardFormat s_hex16 = new('x', 16);

    public override ulong? Hash(HeaderMap headers, StreamInfo info, GeneratedCookies? cookies)
    {
        var value = RequestCookies.Find(headers, cookie.Name);
        if (!value.IsEmpty)
            return XxHash64.Hash(value);
        return isGenerated && cookies is not null ? Generate(info, cookies) : null;
    }

    /// <summary>The value comes from the connection's addresses, so that requests that race on it are all given the same.</summary>
    private ulong Generate(StreamInfo info, GeneratedCookies cookies)
    {
        Span<byte> addresses = stackalloc byte[2 * Net.NetAddress.MaxTextBytes];
        var length = info.DownstreamDirectRemoteAddress.Format(addresses, withPort: true);
        length += info.DownstreamLocalAddress.Format(addresses[length..], withPort: true);
        Span<byte> value = stackalloc byte[16];
        Utf8Formatter.TryFormat(XxHash64.Hash(addresses[..length]), value, out _, s_hex16);
        cookies.Add(cookie, value);
        return XxHash64.Hash(value);
    }
}
