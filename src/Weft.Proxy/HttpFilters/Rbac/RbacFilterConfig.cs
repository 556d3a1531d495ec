using Envoy.Extensions.Filters.Http.Rbac.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Rbac;

namespace Weft.Proxy.HttpFilters.Rbac;

/// <summary>The rules of the filter or of a route. Immutable; any thread.</summary>
internal sealed class RbacFilterConfig : FilterRouteConfig
{
    private const string Namespace = "envoy.filters.http.rbac";

    private RbacFilterConfig(RBAC config, FactoryContext context)
    {
        Enforced = RbacEngines.Create(config.Rules, config.Matcher, isShadow: false, RbacInputs.Http, config, context);
        Shadow = RbacEngines.Create(config.ShadowRules, config.ShadowMatcher, isShadow: true, RbacInputs.Http, config, context);
        EnforcedMetadata = new RbacMetadata(Namespace, config.RulesStatPrefix, isShadow: false);
        ShadowMetadata = new RbacMetadata(Namespace, config.ShadowRulesStatPrefix, isShadow: true);
    }

    /// <summary>Null: everything may pass.</summary>
    public RbacEngine? Enforced { get; }

    /// <summary>What would be refused is counted; null: nothing is.</summary>
    public RbacEngine? Shadow { get; }

    public RbacMetadata EnforcedMetadata { get; }

    public RbacMetadata ShadowMetadata { get; }

    public static RbacFilterConfig Create(RBAC config, FactoryContext context) => new(config, context);

    /// <summary>A route without rules turns the filter off.</summary>
    public static RbacFilterConfig OfRoute(RBACPerRoute config, FactoryContext context)
    {
        // Counters bear the name of the connection manager, which a table of routes may have several of.
        if (config.Rbac?.TrackPerRuleStats ?? false)
            context.Config.Error(config.Rbac, "track_per_rule_stats", "not implemented in a route: set it in the filter's own configuration");
        return new RbacFilterConfig(config.Rbac ?? new RBAC(), context);
    }
}
