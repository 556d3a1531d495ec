using Envoy.Config.Rbac.V3;
using Weft.Config;
using Weft.Proxy.Expressions;
using Action = Envoy.Config.Rbac.V3.RBAC.Types.Action;

namespace Weft.Proxy.Rbac;

/// <summary>rules: policies with one action for all of them.</summary>
internal sealed class PolicyEngine : RbacEngine
{
    private readonly Action _action;
    private readonly RbacPolicy[] _policies;
    private readonly bool _isShadow;

    private PolicyEngine(Action action, RbacPolicy[] policies, bool isShadow) => (_action, _policies, _isShadow) = (action, policies, isShadow);

    public override IReadOnlyList<RbacPolicy> Policies => _policies;

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    /// <param name="rules">As configured.</param>
    /// <param name="isShadow">Its verdict is only counted.</param>
    /// <param name="context">Where to report faults.</param>
    public static PolicyEngine Create(RBAC rules, bool isShadow, ConfigContext context)
    {
        var compiler = new RuleCompiler(context);
        // Policies are asked in the order of their names, as Envoy does.
        var policies = rules.Policies.OrderBy(policy => policy.Key, StringComparer.Ordinal).Select(policy => new RbacPolicy(policy.Key)
        {
            Permissions = RbacRule.AnyOf([.. policy.Value.Permissions.Select(compiler.Compile)]),
            Principals = RbacRule.AnyOf([.. policy.Value.Principals.Select(compiler.Compile)]),
            Condition = ConditionOf(policy.Value, context),
        });
        return new PolicyEngine(rules.Action, [.. policies], isShadow);
    }

    public override RbacVerdict Judge(in RbacSubject subject)
    {
        var policy = Find(subject);
        switch (_action)
        {
            case Action.Allow:
                return new RbacVerdict(policy is not null, policy);
            case Action.Deny:
                return new RbacVerdict(policy is null, policy);
            default:
                if (!_isShadow)
                    Hint(subject.Info, log: policy is not null);
                return new RbacVerdict(true, policy);
        }
    }

    private static CelExpression? ConditionOf(Policy policy, ConfigContext context) =>
        policy.Condition is { } condition ? CelExpression.Create(condition, context, policy, "condition")
        : policy.CheckedCondition is { Expr: { } isChecked } ? CelExpression.Create(isChecked, context, policy, "checked_condition")
        : null;

    private RbacPolicy? Find(in RbacSubject subject)
    {
        foreach (var policy in _policies)
        {
            if (policy.IsMatch(subject))
                return policy;
        }

        return null;
    }
}
