using System.Buffers;
using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Routing.HashPolicies;

namespace Weft.Proxy.HttpFilters.StatefulSession;

/// <summary>The address in a cookie (envoy.http.stateful_session.cookie), in base64, with the time until which it counts.</summary>
internal sealed class CookieSession(CookieText cookie, long ttlSeconds, byte[] path) : SessionState
{
    private const int MaxBytes = 512;

    /// <summary>Within the cookie's path, as a browser judges it (RFC 6265 section 5.1.4).</summary>
    public override bool AppliesTo(HeaderMap request)
    {
        var requested = request.Get(KnownHeader.Path);
        if (path.Length == 0 || path is [(byte)'/'])
            return true;
        if (!requested.StartsWith(path))
            return false;
        return path[^1] == '/' || requested.Length == path.Length || requested[path.Length] is (byte)'/' or (byte)'?' or (byte)'#';
    }

    public override void Read(HeaderMap request, DateTime now, ByteWriter address)
    {
        Span<byte> decoded = stackalloc byte[MaxBytes];
        if (Base64.DecodeFromUtf8(RequestCookies.Find(request, cookie.Name), decoded, out _, out var length) != OperationStatus.Done || length == 0)
            return;
        if (!SessionCookie.TryParse(decoded[..length], out var text, out var expires))
            address.Write(decoded[..length]); // Once a cookie held nothing but the address.
        else if (expires == 0 || UnixSeconds(now) <= expires)
            address.Write(text);
    }

    public override void Write(ReadOnlySpan<byte> address, DateTime now, HeaderMap response)
    {
        Span<byte> message = stackalloc byte[MaxBytes];
        Span<byte> value = stackalloc byte[2 * MaxBytes];
        var length = SessionCookie.Write(address, ttlSeconds == 0 ? 0 : UnixSeconds(now) + ttlSeconds, message);
        var start = cookie.Before.Length;
        var end = start;
        if (start + cookie.After.Length + Base64.GetMaxEncodedToUtf8Length(length) > value.Length)
            return;
        cookie.Before.CopyTo(value);
        Base64.EncodeToUtf8(message[..length], value[start..], out _, out var written);
        end += written;
        cookie.After.CopyTo(value[end..]);
        response.Add(KnownHeader.SetCookie, value[..(end + cookie.After.Length)]);
    }

    private static long UnixSeconds(DateTime now) => new DateTimeOffset(now, TimeSpan.Zero).ToUnixTimeSeconds();
}
