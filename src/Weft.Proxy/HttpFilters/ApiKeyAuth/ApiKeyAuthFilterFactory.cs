using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Http.ApiKeyAuth.V3.ApiKeyAuth;

namespace Weft.Proxy.HttpFilters.ApiKeyAuth;

/// <summary>Makes filters that ask for a client's key (envoy.filters.http.api_key_auth).</summary>
internal sealed class ApiKeyAuthFilterFactory : HttpFilterFactory
{
    public required ApiKeyAuthConfig Config { get; init; }

    public required Counter Allowed { get; init; }

    public required Counter Unauthorized { get; init; }

    public required Counter Forbidden { get; init; }

    public static ApiKeyAuthFilterFactory Create(string name, Message config, string statPrefix, FactoryContext context)
    {
        var scope = context.Stats.Scope(context.HttpFilterPrefix(statPrefix) + "api_key_auth.");
        return new ApiKeyAuthFilterFactory
        {
            Name = name,
            Config = ApiKeyAuthConfig.Create(config, context.Config),
            Allowed = scope.Counter("allowed"),
            Unauthorized = scope.Counter("unauthorized"),
            Forbidden = scope.Counter("forbidden"),
        };
    }

    public override HttpFilter Create(Worker worker) => new ApiKeyAuthFilter(this);
}
