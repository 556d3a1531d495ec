using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using FilterMessage = Envoy.Extensions.Filters.Http.Oauth2.V3.OAuth2;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>Makes filters that have users log in at an authorization server (envoy.filters.http.oauth2).</summary>
internal sealed class OAuth2FilterFactory : HttpFilterFactory
{
    /// <summary>For routes that say nothing else; null: users log in only on routes that say how.</summary>
    public required OAuth2Flow? Flow { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    /// <summary>Tokens in cookies may be encrypted; the runtime can say otherwise.</summary>
    public bool MayEncryptTokens => Runtime.Current.GetBool("envoy.reloadable_features.oauth2_encrypt_tokens", true);

    /// <summary>Services get the tokens' cookies and not those that are only for the flow; the runtime can say otherwise.</summary>
    public bool RemovesFlowCookies => Runtime.Current.GetBool("envoy.reloadable_features.oauth2_cleanup_cookies", true);

    public static OAuth2FilterFactory? Create(string name, FilterMessage message, string statPrefix, FactoryContext context)
    {
        var flow = message.Config is { } config ? OAuth2Flow.Create(config, context.HttpFilterPrefix(statPrefix), context) : null;
        return flow is null && message.Config is not null ? null : new OAuth2FilterFactory { Name = name, Flow = flow, Runtime = context.Runtime };
    }

    public override HttpFilter Create(Worker worker) => new OAuth2Filter(this, worker);

    internal override IReadOnlyList<string> Explain(FilterRouteConfig? ofRoute, in MatchData request) =>
        request.RequestHeaders is { } headers && (ofRoute as OAuth2Flow ?? Flow) is { } flow ? [flow.Explain(headers)] : [];
}
