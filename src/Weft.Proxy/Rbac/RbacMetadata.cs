using Weft.Proxy.Streams;

namespace Weft.Proxy.Rbac;

/// <summary>Under which keys of dynamic metadata a filter writes down what its engines say. Immutable.</summary>
/// <param name="namespace">The filter's.</param>
/// <param name="prefix">rules_stat_prefix or shadow_rules_stat_prefix; may be empty.</param>
/// <param name="isShadow">Which of the two engines.</param>
internal sealed class RbacMetadata(string @namespace, string prefix, bool isShadow)
{
    private readonly string _policyKey = prefix + (isShadow ? "shadow_effective_policy_id" : "enforced_effective_policy_id");
    private readonly string _resultKey = prefix + (isShadow ? "shadow_engine_result" : "enforced_engine_result");

    public void Note(StreamInfo info, RbacVerdict verdict)
    {
        if (verdict.Policy is { } policy)
            info.DynamicMetadata.Set(@namespace, _policyKey, policy.NameBytes);
        info.DynamicMetadata.Set(@namespace, _resultKey, verdict.IsAllowed ? "allowed"u8 : "denied"u8);
    }
}
