using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using GrpcHttp1BridgeMessage = Envoy.Extensions.Filters.Http.GrpcHttp1Bridge.V3.Config;

namespace Weft.Proxy.HttpFilters.GrpcHttp1Bridge;

/// <summary>Makes filters that let HTTP/1.1 clients make unary gRPC calls (envoy.filters.http.grpc_http1_bridge).</summary>
internal sealed class GrpcHttp1BridgeFilterFactory : HttpFilterFactory
{
    /// <summary>upgrade_protobuf_to_grpc: bodies of application/x-protobuf get and lose the frame of their message here.</summary>
    public required bool FramesProtobuf { get; init; }

    /// <summary>ignore_query_parameters: no service has a method of that name.</summary>
    public required bool DropsQuery { get; init; }

    public static GrpcHttp1BridgeFilterFactory Create(string name, GrpcHttp1BridgeMessage config, string statPrefix, FactoryContext context)
        => new() { Name = name, FramesProtobuf = config.UpgradeProtobufToGrpc, DropsQuery = config.IgnoreQueryParameters };

    public override HttpFilter Create(Worker worker) => new GrpcHttp1BridgeFilter(this);
}
