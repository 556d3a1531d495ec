using Envoy.Config.Route.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Routing;

/// <summary>RouteAction.max_stream_duration: how long a request may last, from its first byte to the response's last. Immutable; any thread.</summary>
public sealed class StreamDurationPolicy
{
    /// <summary>max_stream_duration; null: the connection manager's; 0: no limit.</summary>
    public long? LimitMs { get; init; }

    /// <summary>grpc_timeout_header_max: a request's own grpc-timeout counts, up to this (0: whatever it says); null: it does not count.</summary>
    public long? GrpcMaxMs { get; init; }

    /// <summary>grpc_timeout_header_offset: taken off the grpc-timeout, so that the proxy answers before the client gives up.</summary>
    public long GrpcOffsetMs { get; init; }

    internal static StreamDurationPolicy? Create(RouteAction.Types.MaxStreamDuration? config) => config is null ? null : new StreamDurationPolicy
    {
        LimitMs = config.MaxStreamDuration_?.ToMs(),
        GrpcMaxMs = config.GrpcTimeoutHeaderMax?.ToMs(),
        GrpcOffsetMs = config.GrpcTimeoutHeaderOffset.ToMs(0),
    };

    /// <summary>The limit of a request; 0 that it has none; negative that it has no time at all.</summary>
    /// <param name="headers">A gRPC request is told the limit in its grpc-timeout.</param>
    /// <param name="defaultMs">The connection manager's limit.</param>
    public long LimitOf(HeaderMap headers, long defaultMs)
    {
        var limitMs = LimitMs ?? defaultMs;
        if (GrpcMaxMs is { } maxMs && GrpcTimeout.ReadMs(headers) is { } askedMs)
        {
            limitMs = maxMs > 0 ? Math.Min(askedMs, maxMs) : askedMs;
            limitMs = limitMs > GrpcOffsetMs ? limitMs - GrpcOffsetMs : -1;
        }

        if (limitMs != 0 && GrpcRequest.Is(headers))
            GrpcTimeout.Write(headers, Math.Max(limitMs, 0));
        return limitMs;
    }
}
