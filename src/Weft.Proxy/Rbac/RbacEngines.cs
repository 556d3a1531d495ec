using Envoy.Config.Rbac.V3;
using Google.Protobuf;
using Weft.Proxy.Bootstrap;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.Rbac;

/// <summary>Makes the engines of a filter. Main thread.</summary>
internal static class RbacEngines
{
    /// <summary>Null when nothing is configured: everything may pass.</summary>
    /// <param name="rules">rules or shadow_rules.</param>
    /// <param name="matcher">matcher or shadow_matcher, which goes before.</param>
    /// <param name="isShadow">Which of the two.</param>
    /// <param name="inputs">What a matcher may look at.</param>
    /// <param name="at">The filter's message, to report at.</param>
    /// <param name="context">The services.</param>
    public static RbacEngine? Create(RBAC? rules, MatcherMessage? matcher, bool isShadow, RbacInputs inputs, IMessage at, FactoryContext context)
    {
        if (matcher is null)
            return rules is null ? null : PolicyEngine.Create(rules, isShadow, context.Config);
        if (rules is not null)
            context.Config.Warning(at, isShadow ? "shadow_rules" : "rules", isShadow ? "RBAC shadow rules are ignored when shadow matcher is configured" : "RBAC rules are ignored when matcher is configured");
        return new MatcherEngine(matcher, isShadow, inputs, context);
    }
}
