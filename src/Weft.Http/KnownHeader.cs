namespace Weft.Http;

/// <summary>
/// Header names that the proxy itself looks at, found by id instead of by name. The id of a received header is worked
/// out once, while it is parsed. Pseudo-headers come first. <see cref="HeaderName"/> gives the text of an id.
/// </summary>
public enum KnownHeader : byte
{
    None = 0,
    Method, Path, Authority, Scheme, Protocol, Status,
    Host, Connection, KeepAlive, ProxyConnection, ProxyAuthenticate, TransferEncoding, Upgrade, Te, Trailer, ContentLength,
    ContentType, ContentEncoding, AcceptEncoding, Accept, Expect, Date, Server, Via, Location, Cookie, SetCookie, UserAgent,
    Referer, Origin, Authorization, CacheControl, Etag, Vary, RetryAfter, Range,
    XForwardedFor, XForwardedProto, XForwardedHost, XForwardedPort, XForwardedClientCert, XRequestId, XClientTraceId,
    XEnvoyInternal, XEnvoyExternalAddress, XEnvoyDownstreamServiceCluster, XEnvoyDownstreamServiceNode, XEnvoyOriginalPath,
    XEnvoyOriginalHost, XEnvoyUpstreamServiceTime, XEnvoyExpectedRqTimeoutMs, XEnvoyUpstreamRqTimeoutMs,
    XEnvoyUpstreamRqPerTryTimeoutMs, XEnvoyUpstreamRqTimeoutAltResponse, XEnvoyUpstreamAltStatName, XEnvoyUpstreamCanary,
    XEnvoyUpstreamHealthCheckedCluster, XEnvoyImmediateHealthCheckFail, XEnvoyDegraded, XEnvoyOverloaded, XEnvoyRateLimited,
    XEnvoyAttemptCount, XEnvoyMaxRetries, XEnvoyRetryOn, XEnvoyRetryGrpcOn, XEnvoyRetriableHeaderNames,
    XEnvoyRetriableStatusCodes, XEnvoyHedgeOnPerTryTimeout, XEnvoyForceTrace, XEnvoyDecoratorOperation, XEnvoyIpTags,
    XEnvoyFaultAbortRequest, XEnvoyFaultDelayRequest, B3, XB3TraceId, XB3SpanId, XB3ParentSpanId, XB3Sampled, XB3Flags,
    Traceparent, Tracestate, GrpcStatus, GrpcMessage, GrpcTimeout, AccessControlAllowOrigin, AccessControlRequestMethod,
    Http2Settings, ProxyStatus, ProxyAuthorization, EarlyData, XEnvoyOriginalUrl, XEnvoyIsTimeoutRetry, XEnvoyLocalOverloaded,
    XEnvoyOriginalDstHost, XEnvoyUpstreamStreamDurationMs, XEnvoyCluster, GrpcStatusDetailsBin, GrpcAcceptEncoding,
    AccessControlRequestHeaders, AccessControlAllowHeaders, AccessControlAllowMethods, AccessControlExposeHeaders,
    AccessControlAllowCredentials, AccessControlMaxAge,
    /// <summary>Not a header: how many there are.</summary>
    Count,
}
