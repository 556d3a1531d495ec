using System.Text;
using Envoy.Extensions.Filters.Http.GrpcHttp1ReverseBridge.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.GrpcHttp1ReverseBridge;

/// <summary>Makes filters that let servers of plain HTTP answer calls of gRPC (envoy.filters.http.grpc_http1_reverse_bridge).</summary>
internal sealed class GrpcHttp1ReverseBridgeFilterFactory : HttpFilterFactory
{
    /// <summary>content_type: what the upstream is sent, and has to answer with.</summary>
    public required byte[] ContentType { get; init; }

    /// <summary>withhold_grpc_frames: the upstream sees messages without the frame of gRPC.</summary>
    public bool WithholdsFrames { get; init; }

    /// <summary>response_size_header: says how long the response's message is, so that it need not be collected; null: it is collected.</summary>
    public HeaderName? SizeHeader { get; init; }

    public static GrpcHttp1ReverseBridgeFilterFactory Create(string name, FilterConfig config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        ContentType = Encoding.UTF8.GetBytes(config.ContentType),
        WithholdsFrames = config.WithholdGrpcFrames,
        SizeHeader = config.ResponseSizeHeader.Length > 0 ? new HeaderName(config.ResponseSizeHeader) : null,
    };

    public override HttpFilter Create(Worker worker) => new GrpcHttp1ReverseBridgeFilter(this);
}

/// <summary>FilterConfigPerRoute. Immutable.</summary>
/// <param name="isDisabled">Calls pass as they are.</param>
internal sealed class ReverseBridgeRouteConfig(bool isDisabled) : FilterRouteConfig
{
    public bool IsDisabled => isDisabled;

    public static ReverseBridgeRouteConfig Create(FilterConfigPerRoute config, FactoryContext context) => new(config.Disabled);
}
