using Weft.Base.Stats;

namespace Weft.Proxy.Rbac;

/// <summary><c>PREFIX.rbac.*</c>. Made on the main thread, counted in by workers.</summary>
internal sealed class RbacStats
{
    private readonly StatsScope _enforced;
    private readonly StatsScope _shadow;

    /// <param name="scope">Ends with a dot.</param>
    /// <param name="rulesPrefix">rules_stat_prefix; may be empty.</param>
    /// <param name="shadowPrefix">shadow_rules_stat_prefix; may be empty.</param>
    public RbacStats(StatsScope scope, string rulesPrefix, string shadowPrefix)
    {
        var own = scope.Scope("rbac.");
        _enforced = own.Scope(Joined(rulesPrefix));
        _shadow = own.Scope(Joined(shadowPrefix));
        Allowed = _enforced.Counter("allowed");
        Denied = _enforced.Counter("denied");
        ShadowAllowed = _shadow.Counter("shadow_allowed");
        ShadowDenied = _shadow.Counter("shadow_denied");
    }

    public Counter Allowed { get; }

    public Counter Denied { get; }

    public Counter ShadowAllowed { get; }

    public Counter ShadowDenied { get; }

    /// <summary>track_per_rule_stats: counters for each policy of an engine.</summary>
    public Dictionary<RbacPolicy, (Counter Allowed, Counter Denied)> ForPolicies(RbacEngine? engine, bool isShadow)
    {
        var counters = new Dictionary<RbacPolicy, (Counter, Counter)>();
        var (scope, start) = isShadow ? (_shadow, "shadow_") : (_enforced, "");
        foreach (var policy in engine?.Policies ?? [])
            counters.Add(policy, (scope.Counter($"policy.{policy.Name}.{start}allowed"), scope.Counter($"policy.{policy.Name}.{start}denied")));
        return counters;
    }

    private static string Joined(string prefix) => prefix.Length == 0 || prefix.EndsWith('.') ? prefix : prefix + '.';
}
