using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Clusters;

/// <summary>
/// One upstream host, shared by all workers: its address never changes; its health and counts are atomics. A changed
/// address is another endpoint.
/// </summary>
public sealed class Endpoint
{
    /// <summary>Active requests over all workers (LEAST_REQUEST, /clusters rq_active). Interlocked.</summary>
    public int ActiveRequests;

    public required NetAddress Address { get; init; }

    /// <summary>The address as text, UTF-8 and string, made once.</summary>
    public required string AddressText { get; init; }

    /// <summary>Endpoint.hostname or the DNS name it came from; "" when there is none.</summary>
    public required string Hostname { get; init; }

    /// <summary>At least 1.</summary>
    public uint Weight { get; init; } = 1;

    public int Priority { get; init; }

    public string Region { get; init; } = "";

    public string Zone { get; init; } = "";

    public string SubZone { get; init; } = "";

    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    /// <summary>Configured or discovered state (HealthStatus), combined with health checks and outlier detection later.</summary>
    public EndpointHealth Health => throw new NotImplementedException();

    public required EndpointStats Stats { get; init; }
}

public enum EndpointHealth : byte { Healthy, Degraded, Unhealthy }

/// <summary>Per-endpoint numbers that /clusters prints.</summary>
public sealed class EndpointStats
{
    public Counter CxTotal { get; init; }
    public Gauge CxActive { get; init; }
    public Counter CxConnectFail { get; init; }
    public Counter RqTotal { get; init; }
    public Counter RqSuccess { get; init; }
    public Counter RqError { get; init; }
    public Counter RqTimeout { get; init; }
}
