using Weft.Proxy.Streams;

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
internal abstract class RbacEngine
{
    private const string LogNamespace = "envoy.common";
    private const string LogKey = "access_log_hint";

    /// <summary>In the order in which they are asked.</summary>
    public abstract IReadOnlyList<RbacPolicy> Policies { get; }

    public abstract RbacVerdict Judge(in RbacSubject subject);

    /// <summary>Tells access logs whether a LOG policy wants the request logged.</summary>
    protected static void Hint(StreamInfo info, bool log) => info.DynamicMetadata.Set(LogNamespace, LogKey, log);
}
