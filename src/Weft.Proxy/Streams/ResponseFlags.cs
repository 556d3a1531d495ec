namespace Weft.Proxy.Streams;

/// <summary>Why a response is what it is: the set that <c>%RESPONSE_FLAGS%</c> prints in Envoy's short form (noted on each).</summary>
[Flags]
public enum ResponseFlags : ulong
{
    None = 0,
    /// <summary>LH</summary>
    FailedLocalHealthCheck = 1 << 0,
    /// <summary>UH</summary>
    NoHealthyUpstream = 1 << 1,
    /// <summary>UT</summary>
    UpstreamRequestTimeout = 1 << 2,
    /// <summary>LR</summary>
    LocalReset = 1 << 3,
    /// <summary>UR</summary>
    UpstreamRemoteReset = 1 << 4,
    /// <summary>UF</summary>
    UpstreamConnectionFailure = 1 << 5,
    /// <summary>UC</summary>
    UpstreamConnectionTermination = 1 << 6,
    /// <summary>UO</summary>
    UpstreamOverflow = 1 << 7,
    /// <summary>NR</summary>
    NoRouteFound = 1 << 8,
    /// <summary>DI</summary>
    DelayInjected = 1 << 9,
    /// <summary>FI</summary>
    FaultInjected = 1 << 10,
    /// <summary>RL</summary>
    RateLimited = 1 << 11,
    /// <summary>UAEX</summary>
    UnauthorizedExternalService = 1 << 12,
    /// <summary>RLSE</summary>
    RateLimitServiceError = 1 << 13,
    /// <summary>DC</summary>
    DownstreamConnectionTermination = 1 << 14,
    /// <summary>URX</summary>
    UpstreamRetryLimitExceeded = 1 << 15,
    /// <summary>SI</summary>
    StreamIdleTimeout = 1 << 16,
    /// <summary>IH</summary>
    InvalidEnvoyRequestHeaders = 1 << 17,
    /// <summary>DPE</summary>
    DownstreamProtocolError = 1 << 18,
    /// <summary>UMSDR</summary>
    UpstreamMaxStreamDurationReached = 1 << 19,
    /// <summary>RFCF</summary>
    ResponseFromCacheFilter = 1 << 20,
    /// <summary>NFCF</summary>
    NoFilterConfigFound = 1 << 21,
    /// <summary>DT</summary>
    DurationTimeout = 1 << 22,
    /// <summary>UPE</summary>
    UpstreamProtocolError = 1 << 23,
    /// <summary>NC</summary>
    NoClusterFound = 1 << 24,
    /// <summary>OM</summary>
    OverloadManager = 1 << 25,
    /// <summary>DF</summary>
    DnsResolutionFailed = 1 << 26,
    /// <summary>DO</summary>
    DropOverload = 1 << 27,
    /// <summary>DR</summary>
    DownstreamRemoteReset = 1 << 28,
    /// <summary>UDO</summary>
    UnconditionalDropOverload = 1 << 29,
}
