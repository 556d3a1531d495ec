using Envoy.Data.Accesslog.V3;

namespace Weft.Observe.Logs;

/// <summary>Response flags in the short form of access logs.</summary>
internal static class ResponseFlagText
{
    private static readonly (Func<ResponseFlags, bool> IsSet, string Name)[] Names =
    [
        (static flags => flags.FailedLocalHealthcheck, "LH"),
        (static flags => flags.NoHealthyUpstream, "UH"),
        (static flags => flags.UpstreamRequestTimeout, "UT"),
        (static flags => flags.LocalReset, "LR"),
        (static flags => flags.UpstreamRemoteReset, "UR"),
        (static flags => flags.UpstreamConnectionFailure, "UF"),
        (static flags => flags.UpstreamConnectionTermination, "UC"),
        (static flags => flags.UpstreamOverflow, "UO"),
        (static flags => flags.NoRouteFound, "NR"),
        (static flags => flags.DelayInjected, "DI"),
        (static flags => flags.FaultInjected, "FI"),
        (static flags => flags.RateLimited, "RL"),
        (static flags => flags.UnauthorizedDetails is not null, "UAEX"),
        (static flags => flags.RateLimitServiceError, "RLSE"),
        (static flags => flags.DownstreamConnectionTermination, "DC"),
        (static flags => flags.UpstreamRetryLimitExceeded, "URX"),
        (static flags => flags.StreamIdleTimeout, "SI"),
        (static flags => flags.InvalidEnvoyRequestHeaders, "IH"),
        (static flags => flags.DownstreamProtocolError, "DPE"),
        (static flags => flags.UpstreamMaxStreamDurationReached, "UMSDR"),
        (static flags => flags.ResponseFromCacheFilter, "RFCF"),
        (static flags => flags.NoFilterConfigFound, "NFCF"),
        (static flags => flags.DurationTimeout, "DT"),
        (static flags => flags.UpstreamProtocolError, "UPE"),
        (static flags => flags.NoClusterFound, "NC"),
        (static flags => flags.OverloadManager, "OM"),
        (static flags => flags.DnsResolutionFailure, "DF"),
        (static flags => flags.DownstreamRemoteReset, "DR"),
    ];

    /// <summary>Separated by commas; <c>-</c> when there is none.</summary>
    public static string Of(ResponseFlags flags)
    {
        var set = Names.Where(name => name.IsSet(flags)).Select(static name => name.Name).ToList();
        return set.Count == 0 ? "-" : string.Join(',', set);
    }
}
