using Weft.Base.Stats;
using Weft.Http.Http1;
using Weft.Http.Http2;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;

namespace Weft.Proxy.Clusters;

public enum DiscoveryType { Static, StrictDns, LogicalDns, Eds, OriginalDst, Aggregate, DynamicForwardProxy }

public enum LbPolicy { RoundRobin, LeastRequest, Random, RingHash, Maglev, ClusterProvided }

/// <summary>One cluster as configured, validated. Immutable, shared by all workers.</summary>
public sealed class ClusterConfig
{
    /// <summary>Validates and compiles; faults are reported in the context.</summary>
    /// <param name="config">The message.</param>
    /// <param name="context">Gets its faults.</param>
    /// <param name="former">What it changes in place; null: it is a new cluster.</param>
    public static ClusterConfig Create(Envoy.Config.Cluster.V3.Cluster config, FactoryContext context, ClusterConfig? former = null) =>
        ClusterConfigCompiler.Compile(config, context, former);

    /// <summary>As written; read again by each call once the cluster is made. Main thread.</summary>
    public required Envoy.Config.Cluster.V3.Cluster Source
    {
        get => Written.Message;
        init => (Written, Metadata, EdsServiceName) = (new WrittenMessage<Envoy.Config.Cluster.V3.Cluster>(value), value.Metadata, value.EdsClusterConfig?.ServiceName ?? "");
    }

    internal WrittenMessage<Envoy.Config.Cluster.V3.Cluster> Written { get; private init; } = null!;

    /// <summary>metadata; null when there is none.</summary>
    public Envoy.Config.Core.V3.Metadata? Metadata { get; private init; }

    /// <summary>eds_cluster_config.service_name; "" when it is not given.</summary>
    public string EdsServiceName { get; private init; } = "";

    public required string Name { get; init; }

    /// <summary>alt_stat_name, else the name.</summary>
    public required string StatName { get; init; }

    public required DiscoveryType Discovery { get; init; }

    public required LbPolicy LbPolicy { get; init; }

    /// <summary>How endpoints are chosen, with what lb_config and common_lb_config say.</summary>
    public LoadBalancingConfig LoadBalancing { get; init; } = new();

    /// <summary>common_lb_config.update_merge_window where it is given; 0: changes of health show at once.</summary>
    public long UpdateMergeWindowMs { get; init; }

    /// <summary>common_lb_config.close_connections_on_host_set_change; default false: only connections to endpoints that are gone close.</summary>
    public bool ClosesConnectionsOnMembershipChange { get; init; }

    /// <summary>For ORIGINAL_DST; else null.</summary>
    public DiscoveryTypes.OriginalDst.OriginalDstConfig? OriginalDst { get; init; }

    /// <summary>For a dynamic forward proxy; else null.</summary>
    internal DiscoveryTypes.DynamicForwardProxy.DynamicForwardProxyConfig? DynamicForwardProxy { get; init; }

    /// <summary>The clusters of an aggregate cluster, in order; else empty.</summary>
    public IReadOnlyList<ClusterReference> Aggregate { get; init; } = [];

    /// <summary>The configured endpoints, or the names to find them by.</summary>
    public LoadAssignment Assignment { get; init; } = LoadAssignment.Empty;

    /// <summary>For clusters found by DNS.</summary>
    public DnsClusterConfig Dns { get; init; } = new();

    /// <summary>Active checks; null for none.</summary>
    internal HealthChecking.HealthCheckConfig? HealthCheck { get; init; }

    /// <summary>Ejection of endpoints that answer badly; null for none.</summary>
    internal OutlierDetection.OutlierDetectionConfig? OutlierDetection { get; init; }

    /// <summary>close_connections_on_host_health_failure: TCP connections to an endpoint end when it fails. Default false.</summary>
    public bool ClosesConnectionsOnFailure { get; init; }

    /// <summary>ignore_health_on_host_removal: an endpoint that discovery no longer has goes although checks find it healthy. Default false.</summary>
    public bool IgnoresHealthOnRemoval { get; init; }

    /// <summary>wait_for_warm_on_init; default true: the server waits for the first answer before it accepts connections.</summary>
    public bool WaitForWarmOnInit { get; init; } = true;

    /// <summary>Default 5,000.</summary>
    public long ConnectTimeoutMs { get; init; } = 5_000;

    /// <summary>Default 1 MiB.</summary>
    public int PerConnectionBufferLimitBytes { get; init; } = 1024 * 1024;

    /// <summary>max_requests_per_connection; 0: no limit.</summary>
    public long MaxRequestsPerConnection { get; init; }

    /// <summary>preconnect_policy.per_upstream_preconnect_ratio: connections kept ready per request under way; default 1: none beyond those in need.</summary>
    public double PreconnectRatio { get; init; } = 1;

    /// <summary>preconnect_policy.predictive_preconnect_ratio: the same over all endpoints, at those that are picked next; default 1: none. Not for policies by hash, nor with subsets.</summary>
    public double PredictivePreconnectRatio { get; init; } = 1;

    /// <summary>connection_pool_per_downstream_connection: no two clients share an upstream connection.</summary>
    public bool PoolsPerDownstreamConnection { get; init; }

    /// <summary>HttpProtocolOptions.common idle_timeout; default 1 hour; 0: none.</summary>
    public long IdleTimeoutMs { get; init; } = 3_600_000;

    /// <summary>max_connection_duration; 0: none.</summary>
    public long MaxConnectionDurationMs { get; init; }

    /// <summary>HttpProtocolOptions.common max_stream_duration; 0: none.</summary>
    public long MaxStreamDurationMs { get; init; }

    /// <summary>HttpProtocolOptions.hash_policy, which counts before that of a route; null: there is none.</summary>
    internal Routing.HashPolicies.HashPolicy? HashPolicy { get; init; }

    /// <summary>What its connections speak; default HTTP/1.</summary>
    internal UpstreamProtocol Protocol { get; init; }

    public Http1DecoderOptions Http1 { get; init; } = new();

    /// <summary>How HTTP/1 requests are written.</summary>
    public Http1WriteOptions Http1Write { get; init; }

    internal Http2Config Http2 { get; init; } = new(new Http2Options(), null);

    /// <summary>The statistics <c>cluster.NAME.http2.</c>; null when none of its connections can speak HTTP/2.</summary>
    internal Http2CodecStats? Http2Stats { get; init; }

    public ConnectOptions ConnectOptions { get; init; } = new();

    /// <summary>What stands between its connections and their codecs: transport_socket and transport_socket_matches.</summary>
    public UpstreamTransports Transports { get; init; } = UpstreamTransports.Clear;

    /// <summary>HttpProtocolOptions.http_filters: what requests pass after their endpoint was picked; null: nothing.</summary>
    internal HttpFilters.Upstream.UpstreamFilterChain? UpstreamFilters { get; init; }

    /// <summary>What requests want of their connections' transport sockets; null when all want the same.</summary>
    internal TransportKeyRules? TransportKeys { get; init; }

    /// <summary>The statistics <c>cluster.NAME.</c>; disposed by who removes the cluster.</summary>
    public required StatsScope StatsScope { get; init; }

    /// <summary>The statistics that a change in place has brought; disposed by the next such change. Null: there was none.</summary>
    internal StatsScope? SettingsScope { get; init; }

    public required ClusterStats Stats { get; init; }

    /// <summary>track_cluster_stats; null when nothing of it is configured.</summary>
    public AttemptStats? AttemptStats { get; init; }

    /// <summary>track_cluster_stats.per_endpoint_stats: the numbers of each endpoint are statistics too. Default false.</summary>
    public bool NamesEndpoints { get; init; }

    /// <summary>upstream_connection_options.happy_eyeballs_config; null: an endpoint's own address first, then families in turn.</summary>
    internal AddressOrder? AddressOrder { get; init; }

    /// <summary>Statistics by zone; null where the proxy does not know its own. Main thread.</summary>
    internal ZoneStats? ZoneStats { get; init; }

    /// <summary>Statistics by the name that a request brings. Any worker.</summary>
    internal AlternateStats AlternateStats { get; init; } = null!;

    /// <summary>Default and high priority; shared by all workers.</summary>
    public required CircuitBreaking.CircuitBreakers CircuitBreakers { get; init; }

    /// <summary>For what may be overridden at run time.</summary>
    public required RuntimeLayers Runtime { get; init; }

    /// <summary>The main thread's loop, on which the cluster publishes what changed; always set by the compiler.</summary>
    public EventLoop MainLoop { get; init; } = null!;
}
