using System.Text;
using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Weft.Base.Buffers;
using Weft.Http;
using SameSite = Envoy.Extensions.Filters.Http.Oauth2.V3.CookieConfig.Types.SameSite;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>One of the filter's cookies: its name and how browsers are told to keep and to forget it. Immutable; any thread.</summary>
internal sealed class FlowCookie
{
    private readonly byte[] _name;
    private readonly byte[] _beforeAge;
    private readonly byte[] _afterAge;
    private readonly byte[] _deletion;
    private readonly byte[] _deletionAtSignOut;

    /// <param name="name">Its configured name; empty: the default.</param>
    /// <param name="domain">cookie_domain; empty: the host of the request.</param>
    public FlowCookie(string name, string defaultName, string domain, CookieConfig? config)
    {
        if (name.Length == 0) name = defaultName;
        _name = Encoding.UTF8.GetBytes(name);
        var ofDomain = domain.Length == 0 ? "" : $";domain={domain}";
        _beforeAge = Encoding.UTF8.GetBytes($"{ofDomain};path=/;Max-Age=");
        _afterAge = Encoding.UTF8.GetBytes($";secure;HttpOnly{AttributeOf(config?.SameSite ?? SameSite.Disabled)}");
        var deletion = $"{name}=deleted; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT{ofDomain}";
        _deletion = Encoding.UTF8.GetBytes(deletion);
        // Browsers take no change of such a cookie without the attribute, its end included.
        var isSecured = name.StartsWith("__Secure-", StringComparison.Ordinal) || name.StartsWith("__Host-", StringComparison.Ordinal);
        _deletionAtSignOut = isSecured ? Encoding.UTF8.GetBytes(deletion + "; Secure") : _deletion;
    }

    public ReadOnlySpan<byte> Name => _name;

    /// <summary>Has the browser keep a value.</summary>
    /// <param name="maxAgeSeconds">From now.</param>
    /// <param name="scratch">Is cleared; must not hold the value.</param>
    public void Set(HeaderMap response, ReadOnlySpan<byte> value, long maxAgeSeconds, ByteWriter scratch)
    {
        scratch.Clear();
        scratch.Write(_name);
        scratch.Write((byte)'=');
        scratch.Write(value);
        scratch.Write(_beforeAge);
        scratch.Write(maxAgeSeconds);
        scratch.Write(_afterAge);
        response.Add(KnownHeader.SetCookie, scratch.Written);
    }

    /// <summary>Has the browser forget it: it was sent, and there is no value any more.</summary>
    public void Delete(HeaderMap response) => response.Add(KnownHeader.SetCookie, _deletion);

    /// <summary>Has the browser forget it, whether or not it was sent.</summary>
    public void DeleteAtSignOut(HeaderMap response) => response.Add(KnownHeader.SetCookie, _deletionAtSignOut);

    private static string AttributeOf(SameSite sameSite) => sameSite switch
    {
        SameSite.Strict => ";SameSite=Strict",
        SameSite.Lax => ";SameSite=Lax",
        SameSite.None => ";SameSite=None",
        _ => "",
    };
}

/// <summary>The cookies of a filter, under their names (cookie_names) and with their attributes (cookie_configs). Immutable; any thread.</summary>
internal sealed class FlowCookies(OAuth2Credentials credentials, CookieConfigs? configs)
{
    public FlowCookie BearerToken { get; } = new(NamesOf(credentials).BearerToken, "BearerToken", credentials.CookieDomain, configs?.BearerTokenCookieConfig);

    /// <summary>The signature of the others.</summary>
    public FlowCookie Hmac { get; } = new(NamesOf(credentials).OauthHmac, "OauthHMAC", credentials.CookieDomain, configs?.OauthHmacCookieConfig);

    /// <summary>When the access token ends, in seconds since 1970.</summary>
    public FlowCookie Expires { get; } = new(NamesOf(credentials).OauthExpires, "OauthExpires", credentials.CookieDomain, configs?.OauthExpiresCookieConfig);

    public FlowCookie IdToken { get; } = new(NamesOf(credentials).IdToken, "IdToken", credentials.CookieDomain, configs?.IdTokenCookieConfig);

    public FlowCookie RefreshToken { get; } = new(NamesOf(credentials).RefreshToken, "RefreshToken", credentials.CookieDomain, configs?.RefreshTokenCookieConfig);

    /// <summary>The token against forged logins; see <see cref="CsrfToken"/>.</summary>
    public FlowCookie Nonce { get; } = new(NamesOf(credentials).OauthNonce, "OauthNonce", credentials.CookieDomain, configs?.OauthNonceCookieConfig);

    /// <summary>The verifier of RFC 7636, encrypted.</summary>
    public FlowCookie CodeVerifier { get; } = new(NamesOf(credentials).CodeVerifier, "CodeVerifier", credentials.CookieDomain, configs?.CodeVerifierCookieConfig);

    /// <summary>What a signed-out user must not keep; when the session would have ended is no secret.</summary>
    public void DeleteAtSignOut(HeaderMap response)
    {
        Hmac.DeleteAtSignOut(response);
        BearerToken.DeleteAtSignOut(response);
        IdToken.DeleteAtSignOut(response);
        RefreshToken.DeleteAtSignOut(response);
        Nonce.DeleteAtSignOut(response);
        CodeVerifier.DeleteAtSignOut(response);
    }

    /// <summary>Takes away what is only for the flow: services get the tokens and nothing else.</summary>
    public void RemoveFlow(CookieSet cookies)
    {
        cookies.Remove(Hmac.Name);
        cookies.Remove(Expires.Name);
        cookies.Remove(RefreshToken.Name);
        cookies.Remove(Nonce.Name);
        cookies.Remove(CodeVerifier.Name);
    }

    private static OAuth2Credentials.Types.CookieNames NamesOf(OAuth2Credentials credentials) => credentials.CookieNames ?? new OAuth2Credentials.Types.CookieNames();
}
