using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Clusters;
using Weft.Proxy.Dns;
using Weft.Proxy.Runtime;
using Weft.Proxy.Tracing;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// What every factory is handed when configuration becomes immutable objects: where to report faults, where to make
/// statistics, and the process-wide services. Main thread.
/// </summary>
public sealed record FactoryContext
{
    public required ConfigContext Config { get; init; }

    public required StatsStore Stats { get; init; }

    public required RuntimeLayers Runtime { get; init; }

    public required AccessLogFiles AccessLogFiles { get; init; }

    public required ClusterReferences Clusters { get; init; }

    public required Node Node { get; init; }

    /// <summary>The main thread's half of the clusters, for requests of the proxy's own; null where nothing runs.</summary>
    public Workers.Worker? Main { get; init; }

    /// <summary>The main thread's loop: timers and sockets of discovery and DNS.</summary>
    public required EventLoop MainLoop { get; init; }

    public required IDnsResolver Dns { get; init; }

    public required RandomSource Random { get; init; }

    /// <summary>Certificates, keys and what is trusted, by name.</summary>
    public Secrets.SecretManager Secrets { get; init; } = new();

    /// <summary>Whether there is a cluster of that name, for validate_clusters; null while that is not known.</summary>
    public Func<string, bool>? ClusterExists { get; set; }

    /// <summary>The cluster that the proxies themselves form (cluster_manager.local_cluster_name); null when none is named.</summary>
    public Clusters.LoadBalancing.LocalCluster? LocalCluster { get; init; }

    /// <summary>Whether the proxy is to be left alone (<c>/healthcheck/fail</c>); null: never. What is read of it is for any thread.</summary>
    public ServerStatus? Status { get; init; }

    /// <summary>cluster_manager.outlier_detection.event_log_path; null for none.</summary>
    public AccessLogFile? OutlierLog { get; init; }

    /// <summary>cluster_manager.upstream_bind_config, for clusters without one of their own; null: there is none.</summary>
    public Envoy.Config.Core.V3.BindConfig? UpstreamBindConfig { get; init; }

    /// <summary>Of the listener that is being made; it tells whose side spans are.</summary>
    public Envoy.Config.Core.V3.TrafficDirection TrafficDirection { get; set; }

    /// <summary>HTTP filters that are made now stand before connections to upstreams; the names of their statistics begin with this. Null: they are a connection manager's.</summary>
    internal string? UpstreamFilterPrefix { get; init; }

    internal TracerRegistry Tracers { get; } = new();

    /// <summary>How overloaded the process is.</summary>
    internal Overload.OverloadState Overload { get; init; } = new();

    /// <summary>What the statistics of the listener begin with that is compiled; null outside of listeners.</summary>
    public string? ListenerStatPrefix { get; init; }

    /// <summary>Rates of connections that several filters share.</summary>
    internal Listeners.SharedTokenBuckets TokenBuckets { get; } = new();

    /// <summary>Names that requests ask for.</summary>
    internal Dns.Cache.DnsCaches DnsCaches { get; } = new();

    /// <summary>Once there is one; clusters that make further clusters add them there.</summary>
    internal ClusterManager? ClusterManager { get; set; }

    /// <summary>envoy.bootstrap.internal_listener is there: listeners may take connections from within the process.</summary>
    internal bool HasInternalListeners { get; set; }

    /// <summary>Worker threads, without the main thread.</summary>
    public required int Concurrency { get; init; }

    /// <summary>What is made now ends with this; null: it stays until the process ends.</summary>
    public Lifetime? Lifetime { get; init; }

    /// <summary>What waits for what is made now (a listener for its routes); null: nothing does.</summary>
    public InitManager? Init { get; init; }

    /// <summary>What is discovered rather than configured; null where nothing can be.</summary>
    internal XdsClient.SubscriptionFactory? Subscriptions { get; init; }

    /// <summary>Tables of routes that are discovered, for <c>/config_dump</c>.</summary>
    internal XdsClient.DiscoveredRouteList DiscoveredRoutes { get; init; } = new();

    /// <summary>Clusters that stand for google_grpc.</summary>
    internal Clusters.Calls.GoogleGrpcClusters GoogleGrpc { get; } = new();

    /// <summary>Clusters that are discovered when a request names them; null where there are none.</summary>
    internal XdsClient.OnDemand.OnDemandClusters? OnDemandClusters { get; set; }

    /// <summary>Scopes of routes, for <c>/config_dump</c>.</summary>
    internal XdsClient.Scopes.ScopedRouteList ScopedRoutes { get; } = new();

    /// <summary>Configurations of filters that are discovered.</summary>
    internal XdsClient.Extensions.ExtensionDiscoveries Extensions { get; } = new();

    /// <summary>What names of an HTTP filter's statistics begin with.</summary>
    /// <param name="statPrefix">stat_prefix of the connection manager.</param>
    internal string HttpFilterPrefix(string statPrefix) => UpstreamFilterPrefix ?? $"http.{statPrefix}.";

    /// <summary>A filter's stat_prefix as a part of names: ends in one dot, or is empty.</summary>
    internal static string OwnPrefix(string statPrefix) => statPrefix.Length == 0 || statPrefix.EndsWith('.') ? statPrefix : statPrefix + ".";

    /// <summary>The same services for an update: faults go into a context of its own.</summary>
    public FactoryContext For(ConfigContext config, Lifetime? lifetime = null, InitManager? init = null) =>
        this with { Config = config, Lifetime = lifetime, Init = init };
}

/// <summary>Who this proxy is (Bootstrap.node and the --service-* flags).</summary>
public sealed record Node(string Id, string Cluster, string Zone)
{
    /// <summary>By which other hosts know this one; default: loopback.</summary>
    public NetAddress Address { get; init; } = NetAddress.FromIP(System.Net.IPAddress.Loopback, 0);
}
