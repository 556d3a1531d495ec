using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>Makes filters that let only requests with the right tokens pass (envoy.filters.http.jwt_authn).</summary>
internal sealed class JwtAuthnFilterFactory : HttpFilterFactory
{
    public required JwtAuthnConfig Config { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public static JwtAuthnFilterFactory Create(string name, JwtAuthentication config, string statPrefix, FactoryContext context)
    {
        var stats = new JwtAuthnStats(context.Stats.Scope($"http.{statPrefix}.jwt_authn.{FactoryContext.OwnPrefix(config.StatPrefix)}"));
        return new JwtAuthnFilterFactory { Name = name, Config = JwtAuthnConfig.Create(config, stats, context), Runtime = context.Runtime };
    }

    public override HttpFilter Create(Worker worker) => new JwtAuthnFilter(this, worker);
}
