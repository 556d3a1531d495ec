using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.HttpFilters.JwtAuthn;
using Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>A session that has just begun or been renewed: what of a grant the browser is to keep, for how long, and its signature. One request's.</summary>
internal sealed class Session
{
    private readonly OAuth2FilterConfig _config;
    private readonly ByteWriter _expires = new(20);
    private readonly ByteWriter _signature = new(0);
    private readonly long _seconds;
    private readonly long _idTokenSeconds;
    private readonly long _refreshTokenSeconds;
    private readonly byte[] _accessToken;
    private readonly byte[] _idToken;
    private readonly byte[] _refreshToken;
    private readonly (bool AccessToken, bool IdToken, bool RefreshToken) _sent;

    /// <param name="sent">What the browser has: of that it forgets what there is no more.</param>
    /// <param name="isRenewal">The server may renew the access token alone: then the refresh token stays as it was sent.</param>
    public Session(TokenGrant grant, CookieSet sent, bool isRenewal, OAuth2FilterConfig config, DateTime utcNow)
    {
        _config = config;
        var cookies = config.Cookies;
        _sent = (sent.Has(cookies.BearerToken.Name), sent.Has(cookies.IdToken.Name), sent.Has(cookies.RefreshToken.Name));
        _accessToken = config.KeepsAccessToken ? grant.AccessToken : [];
        _idToken = config.KeepsIdToken ? grant.IdToken : [];
        _refreshToken = config.KeepsRefreshToken ? grant.RefreshToken : [];
        if (isRenewal && _refreshToken.Length == 0) _refreshToken = sent.Get(cookies.RefreshToken.Name).ToArray();
        var now = new DateTimeOffset(utcNow, TimeSpan.Zero).ToUnixTimeSeconds();
        _seconds = grant.ExpiresInSeconds;
        _idTokenSeconds = LifeOf(grant.IdToken, now) ?? _seconds;
        _refreshTokenSeconds = config.UsesRefreshToken ? LifeOf(grant.RefreshToken, now) ?? config.RefreshTokenSeconds : _seconds;
        _expires.Write(now + _seconds);
    }

    /// <summary>Empty when the browser is not to keep it.</summary>
    public ReadOnlySpan<byte> AccessToken => _accessToken;

    /// <summary>The last before the session is written.</summary>
    /// <param name="host">Of the request.</param>
    /// <param name="scratch">Is cleared.</param>
    public void Sign(ReadOnlySpan<byte> host, FlowKey key, ByteWriter scratch)
    {
        WriteSigned(_config.CookieDomain.Length > 0 ? _config.CookieDomain : host, _expires.Written, _accessToken, _idToken, _refreshToken, scratch);
        key.Sign(scratch.Written, _signature);
    }

    /// <summary>Makes it the session of the request, for the services behind: what nobody has vouched for does not reach them.</summary>
    public void WriteTo(CookieSet request)
    {
        var cookies = _config.Cookies;
        request.Set(cookies.Expires.Name, _expires.Written);
        Replace(cookies.BearerToken, _accessToken);
        Replace(cookies.IdToken, _idToken);
        Replace(cookies.RefreshToken, _refreshToken);
        request.Set(cookies.Hmac.Name, _signature.Written);

        void Replace(FlowCookie cookie, byte[] token)
        {
            if (token.Length > 0) request.Set(cookie.Name, token);
            else request.Remove(cookie.Name);
        }
    }

    /// <summary>Has the browser keep it.</summary>
    /// <param name="encryption">Null: tokens are written as they are.</param>
    /// <param name="scratch">Is cleared; the same for <paramref name="value"/>.</param>
    public void WriteTo(HeaderMap response, FlowKey? encryption, ByteWriter scratch, ByteWriter value)
    {
        var cookies = _config.Cookies;
        cookies.Hmac.Set(response, _signature.Written, _seconds, scratch);
        cookies.Expires.Set(response, _expires.Written, _seconds, scratch);
        WriteToken(cookies.BearerToken, _accessToken, _seconds, _sent.AccessToken);
        WriteToken(cookies.IdToken, _idToken, _idTokenSeconds, _sent.IdToken);
        WriteToken(cookies.RefreshToken, _refreshToken, _refreshTokenSeconds, _sent.RefreshToken);

        void WriteToken(FlowCookie cookie, byte[] token, long seconds, bool wasSent)
        {
            if (token.Length == 0)
            {
                if (wasSent) cookie.Delete(response);
                return;
            }

            value.Clear();
            if (encryption is null) value.Write(token);
            else encryption.Encrypt(token, value);
            cookie.Set(response, value.Written, seconds, scratch);
        }
    }

    /// <summary>The session of a request is one of ours, and not over.</summary>
    /// <param name="scratch">Is cleared.</param>
    public static bool IsValid(CookieSet request, ReadOnlySpan<byte> host, OAuth2FilterConfig config, FlowKey key, DateTime utcNow, ByteWriter scratch)
    {
        var cookies = config.Cookies;
        var expires = request.Get(cookies.Expires.Name);
        if (!System.Buffers.Text.Utf8Parser.TryParse(expires, out ulong seconds, out var length) || length != expires.Length) return false;
        if (seconds <= (ulong)new DateTimeOffset(utcNow, TimeSpan.Zero).ToUnixTimeSeconds()) return false;
        WriteSigned(
            config.CookieDomain.Length > 0 ? config.CookieDomain : host,
            expires,
            request.Get(cookies.BearerToken.Name),
            request.Get(cookies.IdToken.Name),
            request.Get(cookies.RefreshToken.Name),
            scratch);
        return key.IsSessionSignature(request.Get(cookies.Hmac.Name), scratch.Written);
    }

    private static void WriteSigned(ReadOnlySpan<byte> domain, ReadOnlySpan<byte> expires, ReadOnlySpan<byte> accessToken, ReadOnlySpan<byte> idToken, ReadOnlySpan<byte> refreshToken, ByteWriter output)
    {
        output.Clear();
        output.Write(domain);
        output.Write((byte)'\n');
        output.Write(expires);
        output.Write((byte)'\n');
        output.Write(accessToken);
        output.Write((byte)'\n');
        output.Write(idToken);
        output.Write((byte)'\n');
        output.Write(refreshToken);
    }

    /// <summary>How long a token says that it is valid; null when it is no JSON Web Token, or does not say.</summary>
    private static long? LifeOf(byte[] token, long now) =>
        JsonWebToken.TryParse(token, out var parsed) == JwtStatus.Ok && parsed!.Expiration > 0 ? Math.Max(parsed.Expiration - now, 0) : null;
}
