using Weft.Net;
using Weft.Proxy.Rbac;

namespace Weft.Proxy.NetworkFilters.Rbac;

/// <summary>envoy.filters.network.rbac: judges a connection when its first data comes (or its end), and closes those that may not pass. Worker thread.</summary>
internal sealed class RbacFilter(RbacFilterFactory config) : NetworkFilter
{
    private bool _isJudged;

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_isJudged && !config.IsContinuous)
            return NetworkFilterStatus.Continue;
        _isJudged = true;
        Connection.NoteTls();
        var subject = new RbacSubject(Connection.Info);
        if (config.Shadow is { } shadow)
            JudgeInShadow(shadow, subject);
        if (config.Enforced is not { } enforced)
            return NetworkFilterStatus.Continue;
        var verdict = enforced.Judge(subject);
        if (verdict.IsAllowed)
        {
            config.Stats.Allowed.Inc();
            return NetworkFilterStatus.Continue;
        }

        config.Stats.Denied.Inc();
        Connection.Info.ConnectionTerminationDetails = verdict.DeniedDetails;
        Connection.Close(CloseMode.Now);
        return NetworkFilterStatus.Stop;
    }

    private void JudgeInShadow(RbacEngine shadow, in RbacSubject subject)
    {
        var verdict = shadow.Judge(subject);
        (verdict.IsAllowed ? config.Stats.ShadowAllowed : config.Stats.ShadowDenied).Inc();
        config.ShadowMetadata.Note(Connection.Info, verdict);
    }
}
