using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using GrpcWebMessage = Envoy.Extensions.Filters.Http.GrpcWeb.V3.GrpcWeb;

namespace Weft.Proxy.HttpFilters.GrpcWeb;

/// <summary>Makes filters that let browsers make gRPC calls (envoy.filters.http.grpc_web).</summary>
internal sealed class GrpcWebFilterFactory : HttpFilterFactory
{
    public static GrpcWebFilterFactory Create(string name, GrpcWebMessage config, string statPrefix, FactoryContext context) => new() { Name = name };

    public override HttpFilter Create(Worker worker) => new GrpcWebFilter();
}
