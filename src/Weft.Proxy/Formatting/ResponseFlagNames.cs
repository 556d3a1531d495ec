using System.Text;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Formatting;

/// <summary>Envoy's two names of each response flag.</summary>
public static class ResponseFlagNames
{
    private static readonly (ResponseFlags Flag, string Short, string Long)[] s_names =
    [
        (ResponseFlags.FailedLocalHealthCheck, "LH", "FailedLocalHealthCheck"),
        (ResponseFlags.NoHealthyUpstream, "UH", "NoHealthyUpstream"),
        (ResponseFlags.UpstreamRequestTimeout, "UT", "UpstreamRequestTimeout"),
        (ResponseFlags.LocalReset, "LR", "LocalReset"),
        (ResponseFlags.UpstreamRemoteReset, "UR", "UpstreamRemoteReset"),
        (ResponseFlags.UpstreamConnectionFailure, "UF", "UpstreamConnectionFailure"),
        (ResponseFlags.UpstreamConnectionTermination, "UC", "UpstreamConnectionTermination"),
        (ResponseFlags.UpstreamOverflow, "UO", "UpstreamOverflow"),
        (ResponseFlags.NoRouteFound, "NR", "NoRouteFound"),
        (ResponseFlags.DelayInjected, "DI", "DelayInjected"),
        (ResponseFlags.FaultInjected, "FI", "FaultInjected"),
        (ResponseFlags.RateLimited, "RL", "RateLimited"),
        (ResponseFlags.UnauthorizedExternalService, "UAEX", "UnauthorizedExternalService"),
        (ResponseFlags.RateLimitServiceError, "RLSE", "RateLimitServiceError"),
        (ResponseFlags.DownstreamConnectionTermination, "DC", "DownstreamConnectionTermination"),
        (ResponseFlags.UpstreamRetryLimitExceeded, "URX", "UpstreamRetryLimitExceeded"),
        (ResponseFlags.StreamIdleTimeout, "SI", "StreamIdleTimeout"),
        (ResponseFlags.InvalidEnvoyRequestHeaders, "IH", "InvalidEnvoyRequestHeaders"),
        (ResponseFlags.DownstreamProtocolError, "DPE", "DownstreamProtocolError"),
        (ResponseFlags.UpstreamMaxStreamDurationReached, "UMSDR", "UpstreamMaxStreamDurationReached"),
        (ResponseFlags.ResponseFromCacheFilter, "RFCF", "ResponseFromCacheFilter"),
        (ResponseFlags.NoFilterConfigFound, "NFCF", "NoFilterConfigFound"),
        (ResponseFlags.DurationTimeout, "DT", "DurationTimeout"),
        (ResponseFlags.UpstreamProtocolError, "UPE", "UpstreamProtocolError"),
        (ResponseFlags.NoClusterFound, "NC", "NoClusterFound"),
        (ResponseFlags.OverloadManager, "OM", "OverloadManagerTerminated"),
        (ResponseFlags.DnsResolutionFailed, "DF", "DnsResolutionFailed"),
        (ResponseFlags.DropOverload, "DO", "DropOverload"),
        (ResponseFlags.DownstreamRemoteReset, "DR", "DownstreamRemoteReset"),
        (ResponseFlags.UnconditionalDropOverload, "UDO", "UnconditionalDropOverload"),
    ];

    /// <summary>The short names in UTF-8, by the number of the bit.</summary>
    internal static byte[][] ShortBytes { get; } = [.. s_names.Select(name => Encoding.UTF8.GetBytes(name.Short))];

    /// <summary>The long names in UTF-8, by the number of the bit.</summary>
    internal static byte[][] LongBytes { get; } = [.. s_names.Select(name => Encoding.UTF8.GetBytes(name.Long))];

    /// <summary>All short names, in the order of the bits.</summary>
    public static IEnumerable<string> ShortNames => s_names.Select(name => name.Short);

    /// <summary>The flag with a short name; None for an unknown name.</summary>
    public static ResponseFlags Find(string shortName) =>
        s_names.FirstOrDefault(name => name.Short == shortName).Flag;
}
