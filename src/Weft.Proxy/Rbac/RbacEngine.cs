using Envoy.Config.Rbac.V3;
using Weft.Config;
using Action = Envoy.Config.Rbac.V3.RBAC.Types.Action;

namespace Weft.Proxy.Rbac;

/// <summary>What an engine says.</summary>
/// <param name="IsAllowed">It may pass.</param>
/// <param name="Policy">The policy that matched; null when none did.</param>
internal readonly record struct RbacVerdict(bool IsAllowed, RbacPolicy? Policy)
{
    /// <summary>Response code details of a refusal.</summary>
    public string DeniedDetails => Policy?.DeniedDetails ?? RbacPolicy.NoneDeniedDetails;
}

/// <summary>Policies and what follows when one of them matches. Immutable; any thread; judging allocates nothing.</summary>
internal sealed class RbacEngine
{
    private const string LogNamespace = "envoy.common";
    private const string LogKey = "access_log_hint";

    private readonly Action _action;
    private readonly RbacPolicy[] _policies;
    private readonly bool _isShadow;

    private RbacEngine(Action action, RbacPolicy[] policies, bool isShadow) => (_action, _policies, _isShadow) = (action, policies, isShadow);

    /// <summary>In the order in which they are asked.</summary>
    public IReadOnlyList<RbacPolicy> Policies => _policies;

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    /// <param name="rules">Null: nothing is judged.</param>
    /// <param name="isShadow">Its verdict is only counted.</param>
    /// <param name="context">Where to report faults.</param>
    public static RbacEngine? Create(RBAC? rules, bool isShadow, ConfigContext context)
    {
        if (rules is null)
            return null;
        var compiler = new RuleCompiler(context);
        // Policies are asked in the order of their names, as Envoy does.
        var policies = rules.Policies.OrderBy(policy => policy.Key, StringComparer.Ordinal).Select(policy => new RbacPolicy(policy.Key)
        {
            Permissions = RbacRule.AnyOf([.. policy.Value.Permissions.Select(compiler.Compile)]),
            Principals = RbacRule.AnyOf([.. policy.Value.Principals.Select(compiler.Compile)]),
        });
        return new RbacEngine(rules.Action, [.. policies], isShadow);
    }

    public RbacVerdict Judge(in RbacSubject subject)
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
                    subject.Info.DynamicMetadata.Set(LogNamespace, LogKey, policy is not null);
                return new RbacVerdict(true, policy);
        }
    }

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
