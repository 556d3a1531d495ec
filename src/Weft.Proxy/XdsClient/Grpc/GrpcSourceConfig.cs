using Envoy.Config.Core.V3;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>An api_config_source with gRPC, validated. Immutable.</summary>
internal sealed record GrpcSourceConfig
{
    /// <summary>max_receive_message_length when it is not set: as gRPC libraries have it would be 4 MiB; large meshes send more.</summary>
    private const int DefaultMaxMessageBytes = 128 * 1024 * 1024;

    /// <summary>Who asks.</summary>
    public required Node Node { get; init; }

    /// <summary>The management servers, each a cluster; when one cannot be reached the next is tried.</summary>
    public required IReadOnlyList<GrpcService> Services { get; init; }

    /// <summary>DELTA_GRPC, AGGREGATED_DELTA_GRPC.</summary>
    public bool IsDelta { get; init; }

    /// <summary>set_node_on_first_message_only.</summary>
    public bool NodeOnFirstOnly { get; init; }

    /// <summary>The stream serves one subscription and ends with it.</summary>
    public bool IsOfOneSubscription { get; init; }

    /// <summary>rate_limit_settings; null: requests are not limited.</summary>
    public RequestLimitConfig? RateLimit { get; init; }

    /// <summary>The method of the stream: <c>/package.Service/Method</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The stream carries many types (ADS, an authority of xdstp names).</summary>
    public bool IsAggregated { get; init; }

    /// <summary>max_receive_message_length; 0 means without limit.</summary>
    public static int MaxMessageBytes(GrpcService service) => service.EnvoyGrpc.MaxReceiveMessageLength switch
    {
        null => DefaultMaxMessageBytes,
        0 or > int.MaxValue => int.MaxValue,
        var limit => (int)limit.Value,
    };

    /// <summary>What logs call the source.</summary>
    public required string Name { get; init; }
}
