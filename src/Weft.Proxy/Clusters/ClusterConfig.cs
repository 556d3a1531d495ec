using Weft.Net;
using Weft.Http.Http1;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Clusters;

public enum DiscoveryType { Static, StrictDns, LogicalDns, Eds, OriginalDst }

public enum LbPolicy { RoundRobin, LeastRequest, Random, RingHash, Maglev, ClusterProvided }

/// <summary>One cluster as configured, validated. Immutable, shared by all workers.</summary>
public sealed class ClusterConfig
{
    /// <summary>Validates and compiles; faults are reported in the context.</summary>
    public static ClusterConfig Create(Envoy.Config.Cluster.V3.Cluster config, FactoryContext context) => throw new NotImplementedException();

    public required Envoy.Config.Cluster.V3.Cluster Source { get; init; }

    public required string Name { get; init; }

    /// <summary>alt_stat_name, else the name.</summary>
    public required string StatName { get; init; }

    public required DiscoveryType Discovery { get; init; }

    public required LbPolicy LbPolicy { get; init; }

    /// <summary>Default 5,000.</summary>
    public long ConnectTimeoutMs { get; init; } = 5_000;

    /// <summary>Default 1 MiB.</summary>
    public int PerConnectionBufferLimitBytes { get; init; } = 1024 * 1024;

    /// <summary>max_requests_per_connection; 0: no limit.</summary>
    public long MaxRequestsPerConnection { get; init; }

    /// <summary>HttpProtocolOptions.common idle_timeout; default 1 hour; 0: none.</summary>
    public long IdleTimeoutMs { get; init; } = 3_600_000;

    /// <summary>max_connection_duration; 0: none.</summary>
    public long MaxConnectionDurationMs { get; init; }

    public Http1DecoderOptions Http1 { get; init; } = new();

    public ConnectOptions ConnectOptions { get; init; } = new();

    public required ClusterStats Stats { get; init; }

    /// <summary>Default and high priority; shared by all workers.</summary>
    public required CircuitBreaking.CircuitBreakers CircuitBreakers { get; init; }
}
