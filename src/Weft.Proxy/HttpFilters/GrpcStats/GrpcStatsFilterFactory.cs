using Envoy.Extensions.Filters.Http.GrpcStats.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>Makes filters that count gRPC calls of a cluster (envoy.filters.http.grpc_stats), all methods together.</summary>
internal sealed class GrpcStatsFilterFactory : HttpFilterFactory
{
    /// <summary>enable_upstream_stats: how long calls take is recorded too.</summary>
    public required bool RecordsTimes { get; init; }

    public static GrpcStatsFilterFactory Create(string name, FilterConfig config, string statPrefix, FactoryContext context)
        => new() { Name = name, RecordsTimes = config.EnableUpstreamStats };

    public override HttpFilter Create(Worker worker) => new GrpcStatsFilter(this);
}
