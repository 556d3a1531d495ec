using Envoy.Config.Core.V3;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.HealthChecking.HttpCheck;
using Weft.Proxy.Clusters.HealthChecking.RedisCheck;
using Weft.Proxy.Clusters.HealthChecking.TcpCheck;
using RedisMessage = Envoy.Extensions.HealthCheckers.Redis.V3.Redis;

namespace Weft.Proxy.Clusters.HealthChecking;

/// <summary>Which configuration makes which kind of check.</summary>
internal static class HealthCheckKindRegistry
{
    /// <summary>Null after a fault, which is reported.</summary>
    public static HealthCheckKind? Create(HealthCheck config, string clusterName, StatsScope stats, FactoryContext context)
    {
        switch (config.HealthCheckerCase)
        {
            case HealthCheck.HealthCheckerOneofCase.HttpHealthCheck:
                return HttpCheckKind.Create(config.HttpHealthCheck, clusterName, context);
            case HealthCheck.HealthCheckerOneofCase.TcpHealthCheck:
                return TcpCheckKind.Create(config.TcpHealthCheck, context.Config);
            case HealthCheck.HealthCheckerOneofCase.CustomHealthCheck:
                return CreateCustom(config.CustomHealthCheck, stats, context);
            case HealthCheck.HealthCheckerOneofCase.GrpcHealthCheck:
                context.Config.Error(config, "grpc_health_check", "gRPC health checks are not implemented yet");
                return null;
            default:
                return null; // The API's own rules report it.
        }
    }

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
