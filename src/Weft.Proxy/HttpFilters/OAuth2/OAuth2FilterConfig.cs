using System.Text;
using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing.Matching;
using PathMatcherMessage = Envoy.Type.Matcher.V3.PathMatcher;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>OAuth2Config, compiled. Immutable but for the secrets; any thread.</summary>
internal sealed class OAuth2FilterConfig
{
    private const long WeekSeconds = 604_800;
    private const long LoginSeconds = 600;
    private const string OpenIdScope = "openid";

    private readonly HeaderMatcher[] _passThrough;
    private readonly HeaderMatcher[] _denyRedirect;
    private readonly StringMatcher _redirectPath;
    private readonly StringMatcher _signOutPath;

    private OAuth2FilterConfig(OAuth2Config config, FlowSecrets secrets, TokenEndpoint tokens, AuthorizationEndpoint authorization, FactoryContext context)
    {
        (Secrets, Tokens, Authorization) = (secrets, tokens, authorization);
        _passThrough = HeaderMatcher.Create(config.PassThroughMatcher, context.Config);
        _denyRedirect = HeaderMatcher.Create(config.DenyRedirectMatcher, context.Config);
        _redirectPath = MatcherOf(config.RedirectPathMatcher, context);
        _signOutPath = MatcherOf(config.SignoutPath, context);
        RedirectUri = SubstitutionFormat.Parse(config.RedirectUri, context.Config, config, "redirect_uri");
        Cookies = new FlowCookies(config.Credentials, config.CookieConfigs);
        CookieDomain = Encoding.UTF8.GetBytes(config.Credentials.CookieDomain);
        ClientId = Encoding.UTF8.GetBytes(config.Credentials.ClientId);
        EndSessionEndpoint = Encoding.UTF8.GetBytes(config.EndSessionEndpoint);
        ExpiresInSeconds = config.DefaultExpiresIn?.Seconds ?? 0;
        RefreshTokenSeconds = config.DefaultRefreshTokenExpiresIn?.Seconds ?? WeekSeconds;
        CsrfTokenSeconds = config.CsrfTokenExpiresIn?.Seconds ?? LoginSeconds;
        CodeVerifierSeconds = config.CodeVerifierTokenExpiresIn?.Seconds ?? LoginSeconds;
        ForwardsBearerToken = config.ForwardBearerToken;
        PreservesAuthorization = config.PreserveAuthorizationHeader;
        UsesRefreshToken = config.UseRefreshToken ?? true;
        KeepsAccessToken = !config.DisableAccessTokenSetCookie;
        KeepsIdToken = !config.DisableIdTokenSetCookie;
        KeepsRefreshToken = UsesRefreshToken && !config.DisableRefreshTokenSetCookie;
        EncryptsTokens = !config.DisableTokenEncryption;
    }

    public FlowSecrets Secrets { get; }

    public TokenEndpoint Tokens { get; }

    public AuthorizationEndpoint Authorization { get; }

    /// <summary>redirect_uri: where the authorization server sends users back to.</summary>
    public SubstitutionFormat RedirectUri { get; }

    public FlowCookies Cookies { get; }

    /// <summary>cookie_domain; empty: cookies are for the host of the request.</summary>
    public byte[] CookieDomain { get; }

    public byte[] ClientId { get; }

    /// <summary>end_session_endpoint: where users sign out at the authorization server too; empty: nowhere.</summary>
    public byte[] EndSessionEndpoint { get; }

    /// <summary>default_expires_in, of access tokens whose server does not say; 0: they are refused.</summary>
    public long ExpiresInSeconds { get; }

    /// <summary>default_refresh_token_expires_in, of refresh tokens that do not say themselves; default a week.</summary>
    public long RefreshTokenSeconds { get; }

    /// <summary>csrf_token_expires_in; default ten minutes.</summary>
    public long CsrfTokenSeconds { get; }

    /// <summary>code_verifier_token_expires_in; default ten minutes.</summary>
    public long CodeVerifierSeconds { get; }

    public bool ForwardsBearerToken { get; }

    /// <summary>preserve_authorization_header: what a client sends as Authorization goes on; otherwise it is taken away.</summary>
    public bool PreservesAuthorization { get; }

    /// <summary>use_refresh_token; default true.</summary>
    public bool UsesRefreshToken { get; }

    /// <summary>The access token becomes a cookie; the same below.</summary>
    public bool KeepsAccessToken { get; }

    public bool KeepsIdToken { get; }

    public bool KeepsRefreshToken { get; }

    /// <summary>Tokens in cookies are encrypted; default true.</summary>
    public bool EncryptsTokens { get; }

    /// <summary>Null, with findings, when it cannot be used.</summary>
    public static OAuth2FilterConfig? Create(OAuth2Config config, FactoryContext context)
    {
        var secrets = config.Credentials is null ? null : FlowSecrets.Create(config.Credentials, context);
        if (secrets is null) return null; // What is missing is reported.
        var tokens = TokenEndpoint.Create(config, secrets, context);
        var authorization = AuthorizationEndpoint.Create(config, context.Config);
        if (!Check(config, context) || tokens is null || authorization is null) return null;
        return new OAuth2FilterConfig(config, secrets, tokens, authorization, context);
    }

    /// <summary>pass_through_matcher: the filter leaves the request alone.</summary>
    public bool PassesThrough(HeaderMap request) => AnyMatches(_passThrough, request);

    /// <summary>Not deny_redirect_matcher: who is not signed in is sent to the authorization server.</summary>
    public bool MayRedirect(HeaderMap request) => !AnyMatches(_denyRedirect, request);

    /// <param name="path">With its query.</param>
    public bool IsCallback(ReadOnlySpan<byte> path) => _redirectPath.IsMatch(PathText.WithoutQuery(path));

    /// <param name="path">With its query.</param>
    public bool IsSignOut(ReadOnlySpan<byte> path) => _signOutPath.IsMatch(PathText.WithoutQuery(path));

    private static bool Check(OAuth2Config config, FactoryContext context)
    {
        if (config.PreserveAuthorizationHeader && config.ForwardBearerToken)
            return Refuse("preserve_authorization_header", "invalid combination of forward_bearer_token and preserve_authorization_header configuration. If forward_bearer_token is set to true, then preserve_authorization_header must be false");
        if (config.EndSessionEndpoint.Length > 0 && !config.AuthScopes.Contains(OpenIdScope))
            return Refuse("end_session_endpoint", "OAuth2 filter: end session endpoint is only supported for OpenID Connect.");
        if (!FieldText.IsValue(Encoding.UTF8.GetBytes(config.EndSessionEndpoint)))
            return Refuse("end_session_endpoint", "it cannot stand in a header");
        return TokenText.IsValid(Encoding.UTF8.GetBytes(config.Credentials.CookieDomain)) || Refuse("credentials", "cookie_domain cannot stand in a cookie");

        bool Refuse(string field, string text)
        {
            context.Config.Error(config, field, text);
            return false;
        }
    }

    private static StringMatcher MatcherOf(PathMatcherMessage? config, FactoryContext context) =>
        config?.Path is { } path ? StringMatcher.Create(path, context.Config) : StringMatcher.Never;

    private static bool AnyMatches(HeaderMatcher[] matchers, HeaderMap request)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.IsMatch(request)) return true;
        }

        return false;
    }
}
