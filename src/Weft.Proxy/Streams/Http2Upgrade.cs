using Weft.Http;

namespace Weft.Proxy.Streams;

/// <summary>
/// Upgrades as each version spells them: HTTP/1.1 asks with an Upgrade header and is answered 101; HTTP/2 asks with an extended CONNECT
/// (RFC 8441) and is answered 200. Inside the proxy they are as in HTTP/1.1.
/// </summary>
internal static class Http2Upgrade
{
    /// <summary>An extended CONNECT that came becomes an upgrade request.</summary>
    public static void RequestToHttp1(HeaderMap headers)
    {
        if (!headers.Has(KnownHeader.Protocol))
            return;
        headers.Set(KnownHeader.Method, "GET"u8);
        headers.Set(KnownHeader.Upgrade, headers.Get(KnownHeader.Protocol));
        headers.Set(KnownHeader.Connection, "upgrade"u8);
        headers.Remove(KnownHeader.Protocol);
    }

    /// <summary>An upgrade request becomes an extended CONNECT.</summary>
    public static void RequestToHttp2(HeaderMap headers)
    {
        headers.Set(KnownHeader.Method, "CONNECT"u8);
        headers.Set(KnownHeader.Protocol, headers.Get(KnownHeader.Upgrade));
        headers.Remove(KnownHeader.Upgrade);
        headers.Remove(KnownHeader.Connection);
        headers.Remove(KnownHeader.ContentLength);
    }

    /// <summary>The answer to an extended CONNECT becomes one to an upgrade: 101 for success.</summary>
    public static void ResponseToHttp1(HeaderMap headers, ReadOnlySpan<byte> upgrade)
    {
        if (headers.Status != 200)
            return;
        headers.Set(KnownHeader.Status, "101"u8);
        headers.Set(KnownHeader.Upgrade, upgrade);
        headers.Set(KnownHeader.Connection, "upgrade"u8);
        headers.Remove(KnownHeader.ContentLength);
    }

    /// <summary>A 101 becomes a 200, which is what HTTP/2 has for it.</summary>
    public static void ResponseToHttp2(HeaderMap headers)
    {
        if (headers.Status != 101)
            return;
        headers.Set(KnownHeader.Status, "200"u8);
        headers.Remove(KnownHeader.Upgrade);
        headers.Remove(KnownHeader.Connection);
        headers.Remove(KnownHeader.ContentLength);
    }
}
