using Weft.Http;
using Weft.Proxy.Rbac;

namespace Weft.Proxy.HttpFilters.Rbac;

/// <summary>Judges a request by its head and answers 403 to those that may not pass. Pooled; worker thread.</summary>
internal sealed class RbacFilter(RbacFilterFactory factory) : HttpFilter
{
    public override FilterStatus OnRequestHeaders(HeaderMap headers, bool endStream)
    {
        var config = Stream.RouteConfig(this) as RbacFilterConfig ?? factory.Config;
        var subject = new RbacSubject(Stream.Info, headers);
        if (config.Shadow is { } shadow)
            JudgeInShadow(shadow, config, subject);
        if (config.Enforced is not { } enforced)
            return FilterStatus.Continue;
        var verdict = enforced.Judge(subject);
        Count(verdict);
        config.EnforcedMetadata.Note(Stream.Info, verdict);
        if (verdict.IsAllowed)
            return FilterStatus.Continue;
        Stream.SendLocalReply(403, "RBAC: access denied"u8, verdict.DeniedDetails);
        return FilterStatus.Ended;
    }

    private void JudgeInShadow(RbacEngine shadow, RbacFilterConfig config, in RbacSubject subject)
    {
        var verdict = shadow.Judge(subject);
        (verdict.IsAllowed ? factory.Stats.ShadowAllowed : factory.Stats.ShadowDenied).Inc();
        if (verdict.Policy is { } policy && factory.ShadowPolicyStats.TryGetValue(policy, out var counters))
            (verdict.IsAllowed ? counters.Allowed : counters.Denied).Inc();
        config.ShadowMetadata.Note(Stream.Info, verdict);
    }

    private void Count(RbacVerdict verdict)
    {
        (verdict.IsAllowed ? factory.Stats.Allowed : factory.Stats.Denied).Inc();
        if (verdict.Policy is { } policy && factory.PolicyStats.TryGetValue(policy, out var counters))
            (verdict.IsAllowed ? counters.Allowed : counters.Denied).Inc();
    }
}
