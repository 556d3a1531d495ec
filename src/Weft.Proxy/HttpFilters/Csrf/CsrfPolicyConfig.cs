using Envoy.Extensions.Filters.Http.Csrf.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing.Matching;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.HttpFilters.Csrf;

/// <summary>A CsrfPolicy, of the filter or of a route. Immutable; any thread.</summary>
internal sealed class CsrfPolicyConfig : FilterRouteConfig
{
    private CsrfPolicyConfig(CsrfPolicy config, FactoryContext context)
    {
        Enabled = config.FilterEnabled is { } enabled ? RuntimeFraction.From(enabled) : RuntimeFraction.Always;
        Shadow = config.ShadowEnabled is { } shadow ? RuntimeFraction.From(shadow) : null;
        AdditionalOrigins = [.. config.AdditionalOrigins.Select(origin => StringMatcher.Create(origin, context.Config))];
    }

    public RuntimeFraction Enabled { get; }

    /// <summary>shadow_enabled: requests are judged and counted, but not refused; null: none.</summary>
    public RuntimeFraction? Shadow { get; }

    /// <summary>Origins (host and port) that may send requests besides the target's own.</summary>
    public StringMatcher[] AdditionalOrigins { get; }

    public static CsrfPolicyConfig Create(CsrfPolicy config, FactoryContext context) => new(config, context);
}
