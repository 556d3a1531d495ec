using Weft.Proxy.Streams;
using FlagsMessage = Envoy.Data.Accesslog.V3.ResponseFlags;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>Response flags as the API's message.</summary>
internal static class GrpcLogFlags
{
    public static FlagsMessage Of(ResponseFlags flags)
    {
        bool Has(ResponseFlags flag) => (flags & flag) != 0;
        return new FlagsMessage
        {
            FailedLocalHealthcheck = Has(ResponseFlags.FailedLocalHealthCheck),
            NoHealthyUpstream = Has(ResponseFlags.NoHealthyUpstream),
            UpstreamRequestTimeout = Has(ResponseFlags.UpstreamRequestTimeout),
            LocalReset = Has(ResponseFlags.LocalReset),
            UpstreamRemoteReset = Has(ResponseFlags.UpstreamRemoteReset),
            UpstreamConnectionFailure = Has(ResponseFlags.UpstreamConnectionFailure),
            UpstreamConnectionTermination = Has(ResponseFlags.UpstreamConnectionTermination),
            UpstreamOverflow = Has(ResponseFlags.UpstreamOverflow),
            NoRouteFound = Has(ResponseFlags.NoRouteFound),
            DelayInjected = Has(ResponseFlags.DelayInjected),
            FaultInjected = Has(ResponseFlags.FaultInjected),
            RateLimited = Has(ResponseFlags.RateLimited),
            UnauthorizedDetails = Has(ResponseFlags.UnauthorizedExternalService)
                ? new FlagsMessage.Types.Unauthorized { Reason = FlagsMessage.Types.Unauthorized.Types.Reason.ExternalService }
                : null,
            RateLimitServiceError = Has(ResponseFlags.RateLimitServiceError),
            DownstreamConnectionTermination = Has(ResponseFlags.DownstreamConnectionTermination),
            UpstreamRetryLimitExceeded = Has(ResponseFlags.UpstreamRetryLimitExceeded),
            StreamIdleTimeout = Has(ResponseFlags.StreamIdleTimeout),
            InvalidEnvoyRequestHeaders = Has(ResponseFlags.InvalidEnvoyRequestHeaders),
            DownstreamProtocolError = Has(ResponseFlags.DownstreamProtocolError),
            UpstreamMaxStreamDurationReached = Has(ResponseFlags.UpstreamMaxStreamDurationReached),
            ResponseFromCacheFilter = Has(ResponseFlags.ResponseFromCacheFilter),
            NoFilterConfigFound = Has(ResponseFlags.NoFilterConfigFound),
            DurationTimeout = Has(ResponseFlags.DurationTimeout),
            UpstreamProtocolError = Has(ResponseFlags.UpstreamProtocolError),
            NoClusterFound = Has(ResponseFlags.NoClusterFound),
            OverloadManager = Has(ResponseFlags.OverloadManager),
            DnsResolutionFailure = Has(ResponseFlags.DnsResolutionFailed),
            DownstreamRemoteReset = Has(ResponseFlags.DownstreamRemoteReset),
        };
    }
}
