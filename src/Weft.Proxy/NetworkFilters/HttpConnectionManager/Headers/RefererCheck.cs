using System.Buffers;
using Weft.Http;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>A Referer that is none (several, with a fragment or user information, no URI) is removed (RFC 9110 section 10.1.3).</summary>
internal static class RefererCheck
{
    private static readonly HeaderName s_referer = new(KnownHeader.Referer);

    /// <summary>pchar, "/" and "?" (RFC 3986 section 3.3 and 3.4).</summary>
    private static readonly SearchValues<byte> s_uri = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:@/?"u8);

    private static readonly SearchValues<byte> s_authority = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:[]"u8);

    public static void Sanitize(HeaderMap headers)
    {
        var first = headers.IndexOf(s_referer);
        if (first < 0) return;
        if (headers.IndexOf(s_referer, first + 1) >= 0 || !IsValid(headers.ValueAt(first))) headers.Remove(KnownHeader.Referer);
    }

    public static bool IsValid(ReadOnlySpan<byte> referer)
    {
        var scheme = referer.IndexOf("://"u8);
        if (scheme > 0 && !referer[..scheme].ContainsAny("/?#:"u8)) return IsAbsolute(referer[(scheme + 3)..]);
        // The first segment of a relative reference has no colon (RFC 3986 section 4.2).
        var colon = referer.IndexOf((byte)':');
        var slash = referer.IndexOf((byte)'/');
        return (colon < 0 || (slash >= 0 && slash < colon)) && !referer.ContainsAnyExcept(s_uri);
    }

    private static bool IsAbsolute(ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        var authority = end < 0 ? rest : rest[..end];
        if (authority.IsEmpty || authority.ContainsAnyExcept(s_authority)) return false;
        // What follows may hold more than a URI strictly does, but no fragment and nothing unprintable.
        return end < 0 || !(rest[end..].Contains((byte)'#') || rest[end..].ContainsAnyInRange((byte)0, (byte)' ') || rest[end..].Contains((byte)0x7F));
    }
}
