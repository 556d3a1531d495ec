namespace Weft.Http;

/// <summary>What concerns one connection and not the message on it: keep-alive, upgrades, and the headers that are not to be forwarded (RFC 9110 section 7.6.1).</summary>
public static class HopByHop
{
    /// <summary>A request whose Connection header has this many members or more is refused, as Envoy does.</summary>
    private const int MaxConnectionMembers = 10;

    private const int MaxNameBytes = 128;

    /// <summary>
    /// The sender's Connection header (or Proxy-Connection, which some write) lets the connection go on behind this message.
    /// HTTP/1.0 has to ask for it.
    /// </summary>
    public static bool AllowsKeepAlive(HeaderMap headers, HttpProtocol protocol)
    {
        if (protocol > HttpProtocol.Http11) return true;
        if (headers.Has(KnownHeader.ProxyConnection) && CommaList.Contains(headers.Get(KnownHeader.ProxyConnection), "close"u8)) return false;
        if (!headers.Has(KnownHeader.Connection)) return protocol == HttpProtocol.Http11;
        var connection = headers.Get(KnownHeader.Connection);
        if (CommaList.Contains(connection, "close"u8)) return false;
        return protocol == HttpProtocol.Http11 || CommaList.Contains(connection, "keep-alive"u8);
    }

    /// <summary>Asks for (or answers) an upgrade: an Upgrade header that the Connection header names. One to cleartext HTTP/2 (h2c) does not come this far: the HTTP/1 decoder removes it.</summary>
    public static bool IsUpgrade(HeaderMap headers)
        => headers.Has(KnownHeader.Upgrade)
            && CommaList.Contains(headers.Get(KnownHeader.Connection), "upgrade"u8);

    /// <summary>
    /// Removes what is not to be forwarded: Connection and what it names, Keep-Alive, Proxy-Connection, Transfer-Encoding,
    /// Upgrade, HTTP2-Settings, and TE but for <c>trailers</c>. With <paramref name="keepUpgrade"/> an upgrade keeps its Upgrade
    /// header and <c>connection: upgrade</c>, by which the encoder knows it. Headers that later hops trust cannot be removed by
    /// naming them. False, for requests only, when the Connection header is to be refused
    /// (<see cref="CodecErrors.ConnectionHeaderRejected"/>); the map is then only in part stripped.
    /// </summary>
    public static bool Strip(HeaderMap headers, bool keepUpgrade)
    {
        var isUpgrade = keepUpgrade && IsUpgrade(headers);
        if (headers.Has(KnownHeader.Connection))
        {
            var acceptable = RemoveNamedByConnection(headers);
            if (!acceptable && !headers.Has(KnownHeader.Status)) return false;
            if (isUpgrade) headers.Set(KnownHeader.Connection, "upgrade"u8);
            else headers.Remove(KnownHeader.Connection);
        }

        if (!isUpgrade) headers.Remove(KnownHeader.Upgrade);
        if (headers.Has(KnownHeader.Te)) KeepOnlyTrailersInTe(headers);
        headers.Remove(KnownHeader.KeepAlive);
        headers.Remove(KnownHeader.ProxyConnection);
        headers.Remove(KnownHeader.TransferEncoding);
        headers.Remove(KnownHeader.Http2Settings);
        return true;
    }

    /// <summary>Removes from trailers the fields that have no meaning there but could mislead a reader that merges them into the head (RFC 9110 section 6.5.1).</summary>
    public static void StripFromTrailers(HeaderMap trailers)
    {
        if (trailers.Count == 0) return;
        trailers.Remove(KnownHeader.TransferEncoding);
        trailers.Remove(KnownHeader.ContentLength);
        trailers.Remove(KnownHeader.Host);
        trailers.Remove(KnownHeader.Connection);
        trailers.Remove(KnownHeader.KeepAlive);
        trailers.Remove(KnownHeader.ProxyConnection);
        trailers.Remove(KnownHeader.Upgrade);
        trailers.Remove(KnownHeader.Te);
        trailers.Remove(KnownHeader.Trailer);
    }

    /// <summary>False when it has too many members or names what Envoy refuses to have named.</summary>
    private static bool RemoveNamedByConnection(HeaderMap headers)
    {
        Span<byte> buffer = stackalloc byte[MaxNameBytes];
        var acceptable = true;
        var members = 0;
        // The value stays readable meanwhile: removing an entry leaves the bytes of the map where they are.
        foreach (var member in new CommaList(headers.Get(KnownHeader.Connection)))
        {
            if (++members >= MaxConnectionMembers || member.Length > MaxNameBytes) return false;
            // Naming a pseudo-header can only be meant ill; what else is no token names no header.
            if (member[0] == ':') acceptable = false;
            if (!ByteScan.IsToken(member)) continue;
            System.Text.Ascii.ToLower(member, buffer, out var length);
            var name = buffer[..length];
            var known = HeaderName.Find(name);
            if (IsForbidden(known)) acceptable = false;
            else if (IsRemovable(name, known)) RemoveAll(headers, name, known);
        }

        return acceptable;
    }

    /// <summary>Naming these can only mean to hide where a request comes from.</summary>
    private static bool IsForbidden(KnownHeader known)
        => known is KnownHeader.XForwardedFor or KnownHeader.XForwardedHost or KnownHeader.XForwardedProto;

    /// <summary>Not the headers by which this proxy frames, routes and judges messages or tells later hops about them, nor those that <see cref="Strip"/> decides on itself.</summary>
    private static bool IsRemovable(ReadOnlySpan<byte> name, KnownHeader known)
    {
        if (name.StartsWith("x-envoy-"u8) || name.StartsWith("x-forwarded-"u8)) return false;
        return known is not (KnownHeader.Connection or KnownHeader.Upgrade or KnownHeader.Te
            or KnownHeader.Host or KnownHeader.ContentLength or KnownHeader.TransferEncoding
            or KnownHeader.Authorization or KnownHeader.Cookie or KnownHeader.SetCookie or KnownHeader.XRequestId);
    }

    private static void RemoveAll(HeaderMap headers, ReadOnlySpan<byte> name, KnownHeader known)
    {
        if (known != KnownHeader.None)
        {
            headers.Remove(known);
            return;
        }

        for (var i = headers.Count - 1; i >= 0; i--)
            if (headers.KnownAt(i) == KnownHeader.None && headers.NameAt(i).SequenceEqual(name)) headers.RemoveAt(i);
    }

    private static void KeepOnlyTrailersInTe(HeaderMap headers)
    {
        if (!CommaList.Contains(headers.Get(KnownHeader.Te), "trailers"u8)) headers.Remove(KnownHeader.Te);
        else if (!headers.Get(KnownHeader.Te).SequenceEqual("trailers"u8)) headers.Set(KnownHeader.Te, "trailers"u8);
    }
}
