using Weft.Http;

namespace Weft.Proxy.HttpFilters.Router.Retries;

/// <summary>What makes the router try again: the names of <c>retry_on</c>, <c>x-envoy-retry-on</c> and <c>x-envoy-retry-grpc-on</c>.</summary>
[Flags]
internal enum RetryOn
{
    None = 0,
    ServerError = 1 << 0,
    GatewayError = 1 << 1,
    Reset = 1 << 2,
    ResetBeforeRequest = 1 << 3,
    ConnectFailure = 1 << 4,
    RateLimited = 1 << 5,
    Retriable4xx = 1 << 6,
    RefusedStream = 1 << 7,
    RetriableStatusCodes = 1 << 8,
    RetriableHeaders = 1 << 9,

    /// <summary>Accepted; there is no HTTP/3 upstream.</summary>
    Http3PostConnectFailure = 1 << 10,
    GrpcCancelled = 1 << 11,
    GrpcDeadlineExceeded = 1 << 12,
    GrpcResourceExhausted = 1 << 13,
    GrpcUnavailable = 1 << 14,
    GrpcInternal = 1 << 15,
    AnyGrpc = GrpcCancelled | GrpcDeadlineExceeded | GrpcResourceExhausted | GrpcUnavailable | GrpcInternal,
}

/// <summary>Reads the comma-separated names of <see cref="RetryOn"/>; names that are not known mean nothing.</summary>
internal static class RetryOnNames
{
    /// <summary>x-envoy-retry-on.</summary>
    public static RetryOn ParseHttp(ReadOnlySpan<byte> names)
    {
        var conditions = RetryOn.None;
        foreach (var name in new CommaList(names))
            conditions |= HttpCondition(name);
        return conditions;
    }

    /// <summary>x-envoy-retry-grpc-on.</summary>
    public static RetryOn ParseGrpc(ReadOnlySpan<byte> names)
    {
        var conditions = RetryOn.None;
        foreach (var name in new CommaList(names))
            conditions |= GrpcCondition(name);
        return conditions;
    }

    /// <summary>None for a name that is not known.</summary>
    public static RetryOn Condition(ReadOnlySpan<byte> name) => HttpCondition(name) | GrpcCondition(name);

    private static RetryOn HttpCondition(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("5xx"u8) => RetryOn.ServerError,
        _ when name.SequenceEqual("gateway-error"u8) => RetryOn.GatewayError,
        _ when name.SequenceEqual("reset"u8) => RetryOn.Reset,
        _ when name.SequenceEqual("reset-before-request"u8) => RetryOn.ResetBeforeRequest,
        _ when name.SequenceEqual("connect-failure"u8) => RetryOn.ConnectFailure,
        _ when name.SequenceEqual("envoy-ratelimited"u8) => RetryOn.RateLimited,
        _ when name.SequenceEqual("retriable-4xx"u8) => RetryOn.Retriable4xx,
        _ when name.SequenceEqual("refused-stream"u8) => RetryOn.RefusedStream,
        _ when name.SequenceEqual("retriable-status-codes"u8) => RetryOn.RetriableStatusCodes,
        _ when name.SequenceEqual("retriable-headers"u8) => RetryOn.RetriableHeaders,
        _ when name.SequenceEqual("http3-post-connect-failure"u8) => RetryOn.Http3PostConnectFailure,
        _ => RetryOn.None,
    };

    private static RetryOn GrpcCondition(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("cancelled"u8) => RetryOn.GrpcCancelled,
        _ when name.SequenceEqual("deadline-exceeded"u8) => RetryOn.GrpcDeadlineExceeded,
        _ when name.SequenceEqual("resource-exhausted"u8) => RetryOn.GrpcResourceExhausted,
        _ when name.SequenceEqual("unavailable"u8) => RetryOn.GrpcUnavailable,
        _ when name.SequenceEqual("internal"u8) => RetryOn.GrpcInternal,
        _ => RetryOn.None,
    };
}
