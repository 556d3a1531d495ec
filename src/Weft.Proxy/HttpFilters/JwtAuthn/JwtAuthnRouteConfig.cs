using Envoy.Extensions.Filters.Http.JwtAuthn.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters.JwtAuthn;

/// <summary>What a route requires: nothing, or a requirement by name. Immutable; any thread.</summary>
/// <param name="requirement">In requirement_map; null: nothing is required.</param>
internal sealed class JwtAuthnRouteConfig(string? requirement) : FilterRouteConfig
{
    public string? Requirement => requirement;

    public static JwtAuthnRouteConfig Create(PerRouteConfig config, FactoryContext context) => new(config.Disabled ? null : config.RequirementName);
}
