using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>How users log in, of the filter or of a route (OAuth2PerRoute), and what is counted of it. Immutable but for the secrets; any thread.</summary>
internal sealed class OAuth2Flow : FilterRouteConfig
{
    private OAuth2Flow(OAuth2FilterConfig config, OAuth2Stats stats) => (Config, Stats) = (config, stats);

    public OAuth2FilterConfig Config { get; }

    public OAuth2Stats Stats { get; }

    /// <summary>Null, with findings, when it cannot be used.</summary>
    /// <param name="prefix">Of the statistics, before the configuration's own.</param>
    public static OAuth2Flow? Create(OAuth2Config config, string prefix, FactoryContext context) => OAuth2FilterConfig.Create(config, context) is { } compiled
        ? new OAuth2Flow(compiled, new OAuth2Stats(context.Stats.Scope(prefix + FactoryContext.OwnPrefix(config.StatPrefix))))
        : null;

    /// <summary>A route's word that says nothing leaves it to the filter.</summary>
    public static OAuth2Flow? OfRoute(OAuth2PerRoute config, FactoryContext context) => config.Config is { } its ? Create(its, "", context) : null;

    /// <summary>For a person: what becomes of a request.</summary>
    public string Explain(HeaderMap headers)
    {
        if (Config.PassesThrough(headers)) return "passes through (pass_through_matcher)";
        var path = headers.Get(KnownHeader.Path);
        if (Config.IsSignOut(path)) return "signs the user out (signout_path)";
        if (Config.IsCallback(path)) return "ends a login (redirect_path_matcher)";
        return Config.MayRedirect(headers) ? "without a session: to the authorization server" : "without a session: 401 (deny_redirect_matcher)";
    }
}
