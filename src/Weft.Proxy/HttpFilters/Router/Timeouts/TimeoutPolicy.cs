using Envoy.Config.Route.V3;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.HttpFilters.Router.Timeouts;

/// <summary>The time limits of a RouteAction for its upstream. Immutable; any thread.</summary>
internal sealed record TimeoutPolicy
{
    private const long DefaultTimeoutMs = 15_000;

    public static readonly TimeoutPolicy Default = new();

    /// <summary>timeout; default 15,000; 0: none. A route with max_stream_duration has none.</summary>
    public long GlobalMs { get; init; } = DefaultTimeoutMs;

    /// <summary>max_grpc_timeout: a gRPC request's own grpc-timeout counts, up to this (0: any); null: it does not count.</summary>
    public long? MaxGrpcMs { get; init; }

    /// <summary>grpc_timeout_offset: taken off a grpc-timeout that is longer.</summary>
    public long GrpcOffsetMs { get; init; }

    /// <summary>hedge_policy.hedge_on_per_try_timeout: an attempt that takes too long goes on beside a second one.</summary>
    public bool HedgesOnPerTryTimeout { get; init; }

#pragma warning disable CS0612 // Deprecated in the API, but still in files.
    public static TimeoutPolicy Create(RouteAction action, HedgePolicy? hedge)
    {
        // max_stream_duration takes the place of the older limits, all of them.
        var hasStreamDuration = action.MaxStreamDuration is not null;
        return new TimeoutPolicy
        {
            GlobalMs = hasStreamDuration ? 0 : action.Timeout.ToMs(DefaultTimeoutMs),
            MaxGrpcMs = hasStreamDuration ? null : action.MaxGrpcTimeout?.ToMs(),
            GrpcOffsetMs = action.GrpcTimeoutOffset.ToMs(0),
            HedgesOnPerTryTimeout = hedge?.HedgeOnPerTryTimeout ?? false,
        };
    }
#pragma warning restore CS0612
}
