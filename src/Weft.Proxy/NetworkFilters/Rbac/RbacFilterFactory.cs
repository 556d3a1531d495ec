using Weft.Proxy.Bootstrap;
using Weft.Proxy.Rbac;
using Weft.Proxy.Workers;
using Message = Envoy.Extensions.Filters.Network.Rbac.V3.RBAC;

namespace Weft.Proxy.NetworkFilters.Rbac;

/// <summary>An rbac filter as configured: its rules and <c>PREFIX.rbac.*</c>. Immutable, shared by all workers.</summary>
internal sealed class RbacFilterFactory : NetworkFilterFactory
{
    private const string Namespace = "envoy.filters.network.rbac";

    public RbacFilterFactory(Message config, FactoryContext context)
    {
        Enforced = RbacEngines.Create(config.Rules, config.Matcher, isShadow: false, RbacInputs.Network, config, context);
        Shadow = RbacEngines.Create(config.ShadowRules, config.ShadowMatcher, isShadow: true, RbacInputs.Network, config, context);
        ShadowMetadata = new RbacMetadata(Namespace, config.ShadowRulesStatPrefix, isShadow: true);
        IsContinuous = config.EnforcementType == Message.Types.EnforcementType.Continuous;
        var start = config.StatPrefix.EndsWith('.') ? config.StatPrefix : config.StatPrefix + '.';
        Stats = new RbacStats(context.Stats.Scope(start), "", config.ShadowRulesStatPrefix);
    }

    public override bool IsTerminal => false;

    /// <summary>Null: everyone may pass.</summary>
    public RbacEngine? Enforced { get; }

    /// <summary>Null: nothing is judged in the shadow.</summary>
    public RbacEngine? Shadow { get; }

    public RbacMetadata ShadowMetadata { get; }

    /// <summary>Every piece of data is judged, not the first one only.</summary>
    public bool IsContinuous { get; }

    public RbacStats Stats { get; }

    public override NetworkFilter Create(Worker worker) => new RbacFilter(this);
}
