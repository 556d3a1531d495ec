using Envoy.Extensions.Filters.Http.Rbac.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Rbac;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.Rbac;

/// <summary>Makes filters that let requests pass by who asks for what (envoy.filters.http.rbac).</summary>
internal sealed class RbacFilterFactory : HttpFilterFactory
{
    public required RbacFilterConfig Config { get; init; }

    public required RbacStats Stats { get; init; }

    /// <summary>track_per_rule_stats; empty without.</summary>
    public Dictionary<RbacPolicy, (Counter Allowed, Counter Denied)> PolicyStats { get; private init; } = [];

    /// <summary>The same of the shadow rules.</summary>
    public Dictionary<RbacPolicy, (Counter Allowed, Counter Denied)> ShadowPolicyStats { get; private init; } = [];

    public static RbacFilterFactory Create(string name, RBAC config, string statPrefix, FactoryContext context)
    {
        var stats = new RbacStats(context.Stats.Scope($"http.{statPrefix}."), config.RulesStatPrefix, config.ShadowRulesStatPrefix);
        var compiled = RbacFilterConfig.Create(config, context);
        return new RbacFilterFactory
        {
            Name = name,
            Config = compiled,
            Stats = stats,
            PolicyStats = config.TrackPerRuleStats ? stats.ForPolicies(compiled.Enforced, isShadow: false) : [],
            ShadowPolicyStats = config.TrackPerRuleStats ? stats.ForPolicies(compiled.Shadow, isShadow: true) : [],
        };
    }

    public override HttpFilter Create(Worker worker) => new RbacFilter(this);
}
