using Envoy.Extensions.Filters.Http.GrpcStats.V3;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.GrpcStats;

/// <summary>Makes filters that count gRPC calls of a cluster (envoy.filters.http.grpc_stats), by method or all together.</summary>
internal sealed class GrpcStatsFilterFactory : HttpFilterFactory
{
    /// <summary>enable_upstream_stats: how long calls take is recorded too.</summary>
    public required bool RecordsTimes { get; init; }

    /// <summary>emit_filter_state: the numbers of messages are there for access logs.</summary>
    public required bool EmitsState { get; init; }

    /// <summary>Those that are counted by themselves.</summary>
    public required GrpcMethods Methods { get; init; }

    public static GrpcStatsFilterFactory Create(string name, FilterConfig config, string statPrefix, FactoryContext context) => new()
    {
        Name = name,
        RecordsTimes = config.EnableUpstreamStats,
        EmitsState = config.EmitFilterState,
        Methods = new GrpcMethods(context.Stats, context.MainLoop, config.IndividualMethodStatsAllowlist, config.StatsForAllMethods ?? false, config.ReplaceDotsInGrpcServiceName),
    };

    public override HttpFilter Create(Worker worker) => new GrpcStatsFilter(this);
}
