using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.HealthChecking.GrpcCheck;
using Weft.Proxy.Clusters.HealthChecking.HttpCheck;
using Weft.Proxy.Clusters.HealthChecking.RedisCheck;
using Weft.Proxy.Clusters.HealthChecking.TcpCheck;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using HttpProtocolOptions = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;
using RedisMessage = Envoy.Extensions.HealthCheckers.Redis.V3.Redis;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>Which configuration makes which kind of check.</summary>
internal static class HealthCheckKindRegistry
{
    /// <summary>Null after a fault, which is reported.</summary>
    public static HealthCheckKind? Create(HealthCheck config, ClusterMessage cluster, StatsScope stats, FactoryContext context)
    {
        switch (config.HealthCheckerCase)
        {
            case HealthCheck.HealthCheckerOneofCase.HttpHealthCheck:
                return HttpCheckKind.Create(config.HttpHealthCheck, cluster.Name, context);
            case HealthCheck.HealthCheckerOneofCase.TcpHealthCheck:
                return TcpCheckKind.Create(config.TcpHealthCheck, context.Config);
            case HealthCheck.HealthCheckerOneofCase.CustomHealthCheck:
                return CreateCustom(config.CustomHealthCheck, stats, context);
            case HealthCheck.HealthCheckerOneofCase.GrpcHealthCheck:
                if (!SpeaksHttp2(cluster, context))
                    context.Config.Error(config, "grpc_health_check", $"{cluster.Name} cluster must support HTTP/2 for gRPC healthchecking");
                return new GrpcCheckKind(config.GrpcHealthCheck, cluster.Name, context);
            default:
                return null; // The API's own rules report it.
        }
    }

#pragma warning disable CS0612 // the deprecated places of the protocol options are still accepted
    private static bool SpeaksHttp2(ClusterMessage cluster, FactoryContext context)
    {
        foreach (var any in cluster.TypedExtensionProtocolOptions.Values)
        {
            if (context.Config.Unpack(any) is HttpProtocolOptions options)
                return options.AutoConfig is not null || (options.ExplicitHttpConfig?.Http2ProtocolOptions ?? options.UseDownstreamProtocolConfig?.Http2ProtocolOptions) is not null;
        }

        return cluster.Http2ProtocolOptions is not null;
    }
#pragma warning restore CS0612

    private static HealthCheckKind? CreateCustom(HealthCheck.Types.CustomHealthCheck config, StatsScope stats, FactoryContext context)
    {
        switch (context.Config.Unpack(config.TypedConfig))
        {
            case RedisMessage redis:
                return new RedisCheckKind(redis, stats);
            case null when config.TypedConfig is not null:
                return null;
            default:
                context.Config.Error(config, "name", $"Didn't find a registered implementation for name: '{config.Name}'");
                return null;
        }
    }
}
