using Weft.Base.Stats;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.BasicAuth.V3.BasicAuth;

namespace Weft.Proxy.HttpFilters.BasicAuth;

/// <summary>Makes filters that ask for name and password (envoy.filters.http.basic_auth).</summary>
internal sealed class BasicAuthFilterFactory : HttpFilterFactory
{
    public required BasicAuthUsers Users { get; init; }

    /// <summary>authentication_header: where name and password stand; default authorization.</summary>
    public required HeaderName CredentialsHeader { get; init; }

    /// <summary>forward_username_header: tells the upstream who it is; null: nothing does.</summary>
    public HeaderName? UsernameHeader { get; init; }

    public required Counter Allowed { get; init; }

    public required Counter Denied { get; init; }

    public static BasicAuthFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context)
    {
        var scope = context.Stats.Scope(context.HttpFilterPrefix(statPrefix) + "basic_auth.");
        return new BasicAuthFilterFactory
        {
            Name = name,
            Users = BasicAuthUsers.Create(config.Users, config, context.Config),
            CredentialsHeader = new HeaderName(config.AuthenticationHeader.Length > 0 ? config.AuthenticationHeader : "authorization"),
            UsernameHeader = config.ForwardUsernameHeader.Length > 0 ? new HeaderName(config.ForwardUsernameHeader) : null,
            Allowed = scope.Counter("allowed"),
            Denied = scope.Counter("denied"),
        };
    }

    public override HttpFilter Create(Worker worker) => new BasicAuthFilter(this);
}
