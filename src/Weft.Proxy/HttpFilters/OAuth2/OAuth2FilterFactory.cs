using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using FilterMessage = Envoy.Extensions.Filters.Http.Oauth2.V3.OAuth2;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>Makes filters that have users log in at an authorization server (envoy.filters.http.oauth2).</summary>
internal sealed class OAuth2FilterFactory : HttpFilterFactory
{
    public required OAuth2FilterConfig Config { get; init; }

    public required OAuth2Stats Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>Tokens in cookies are encrypted; the runtime can say otherwise.</summary>
    public bool EncryptsTokens => Config.EncryptsTokens && Runtime.Current.GetBool("envoy.reloadable_features.oauth2_encrypt_tokens", true);

    /// <summary>Services get the tokens' cookies and not those that are only for the flow; the runtime can say otherwise.</summary>
    public bool RemovesFlowCookies => Runtime.Current.GetBool("envoy.reloadable_features.oauth2_cleanup_cookies", true);

    public static OAuth2FilterFactory? Create(string name, FilterMessage message, string statPrefix, FactoryContext context)
    {
        if (message.Config is not { } config)
        {
            context.Config.Error(message, "config", "config must be present for global config");
            return null;
        }

        if (OAuth2FilterConfig.Create(config, context) is not { } compiled) return null;
        return new OAuth2FilterFactory
        {
            Name = name,
            Config = compiled,
            Runtime = context.Runtime,
            Stats = new OAuth2Stats(context.Stats.Scope(context.HttpFilterPrefix(statPrefix) + FactoryContext.OwnPrefix(config.StatPrefix))),
        };
    }

    public override HttpFilter Create(Worker worker) => new OAuth2Filter(this, worker);

    internal override IReadOnlyList<string> Explain(FilterRouteConfig? ofRoute, in MatchData request)
    {
        if (request.RequestHeaders is not { } headers) return [];
        if (Config.PassesThrough(headers)) return ["passes through (pass_through_matcher)"];
        var path = headers.Get(KnownHeader.Path);
        if (Config.IsSignOut(path)) return ["signs the user out (signout_path)"];
        if (Config.IsCallback(path)) return ["ends a login (redirect_path_matcher)"];
        return [Config.MayRedirect(headers) ? "without a session: to the authorization server" : "without a session: 401 (deny_redirect_matcher)"];
    }
}
