using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters.GrpcStats;
using Weft.Proxy.Workers;
using GrpcWebMessage = Envoy.Extensions.Filters.Http.GrpcWeb.V3.GrpcWeb;

namespace Weft.Proxy.HttpFilters.GrpcWeb;

/// <summary>Makes filters that let browsers make gRPC calls (envoy.filters.http.grpc_web).</summary>
internal sealed class GrpcWebFilterFactory : HttpFilterFactory
{
    /// <summary>Counts calls by method: <c>cluster.NAME.grpc-web.SERVICE.METHOD.*</c>.</summary>
    public required GrpcMethods Methods { get; init; }

    public static GrpcWebFilterFactory Create(string name, GrpcWebMessage config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        Methods = new GrpcMethods(context.Stats, context.MainLoop, list: null, takesAll: true, replacesDots: false, protocol: "grpc-web"),
    };

    public override HttpFilter Create(Worker worker) => new GrpcWebFilter(Methods);
}
