using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Grpc;
using Weft.Proxy.XdsClient.Rest;
using Weft.Xds;
using ApiType = Envoy.Config.Core.V3.ApiConfigSource.Types.ApiType;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using Node = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.XdsClient;

/// <summary>The management servers: one stream for ADS, one for each type of each other api_config_source. Checks what is configured. Main thread.</summary>
internal sealed class ManagementServers : IDisposable
{
    private const string ConfigName = "envoy.config.core.v3.ApiConfigSource";
    private const uint DefaultMaxTokens = 100;
    private const double DefaultFillPerSecond = 10;

    /// <summary>A request a year.</summary>
    private const double MinFillPerSecond = 1.0 / (365 * 24 * 60 * 60);

    private readonly Worker _main;
    private readonly ApiConfigSource? _adsConfig;
    private HashSet<string> _staticClusters;
    private readonly ReadOptions _options;
    private readonly List<(ApiConfigSource Config, ResourceType Type, IResourceSource Source)> _sources = [];
    private readonly string? _savedTo;
    private readonly List<ManagementStream> _streams = [];
    private GrpcSource? _ads;

    /// <param name="savedTo">Where what was accepted is kept for the next start; null: nowhere.</param>
    public ManagementServers(Worker main, BootstrapMessage bootstrap, Node node, ReadOptions options, string? savedTo)
    {
        (_main, Node, _options, _savedTo) = (main, node, options, savedTo);
        _adsConfig = bootstrap.DynamicResources?.AdsConfig;
        _staticClusters = StaticClusters(bootstrap);
    }

    /// <summary>The bootstrap has changed: other clusters may be management servers.</summary>
    public void Use(BootstrapMessage bootstrap) => _staticClusters = StaticClusters(bootstrap);

    /// <summary>Who asks.</summary>
    public Node Node { get; }

    /// <summary>ADS is incremental, or there is none.</summary>
    public bool IsAdsIncremental => _adsConfig is null or { ApiType: ApiType.DeltaGrpc or ApiType.AggregatedDeltaGrpc };

    /// <summary>The source of <c>ads: {}</c>; null, with the fault reported, when there is none or it cannot be used.</summary>
    public IResourceSource? Ads(ConfigSource at, FactoryContext context)
    {
        if (_ads is not null)
            return _ads;
        if (_adsConfig is null)
        {
            context.Config.Error(at, "ads", "ADS must be configured to support an ADS config source");
            return null;
        }

        // Both names of the types mean the same here: the config says by its place that it is aggregated.
        var isDelta = _adsConfig.ApiType is ApiType.DeltaGrpc or ApiType.AggregatedDeltaGrpc;
        if (!isDelta && _adsConfig.ApiType is not (ApiType.Grpc or ApiType.AggregatedGrpc))
        {
            context.Config.Error(_adsConfig, "api_type", "ads_config needs the api_type GRPC or DELTA_GRPC");
            return null;
        }

        return _ads = CheckGrpc(_adsConfig, null, context) ? new GrpcSource(GrpcConfig(_adsConfig, null, isDelta, context), _main, context, _options, _savedTo) : null;
    }

    /// <summary>A source for resources with xdstp names, all types on one stream; null, with the fault reported, when it cannot be used.</summary>
    /// <param name="authority">What logs call it.</param>
    public GrpcSource? Authority(ApiConfigSource config, string authority, FactoryContext context)
    {
        if (!CheckGrpc(config, null, context))
            return null;
        var grpc = GrpcConfig(config, null, config.ApiType == ApiType.AggregatedDeltaGrpc, context);
        return new GrpcSource(grpc with { Name = $"{grpc.Name} (authority {authority})" }, _main, context, _options, _savedTo);
    }

    /// <summary>The source of one type; null, with the fault reported, when it cannot be used.</summary>
    public IResourceSource? Of(ApiConfigSource config, ResourceType type, FactoryContext context)
    {
        // All virtual hosts of a stream are those of one table of routes: a second table would not be told what the first was.
        if (type == ResourceType.VirtualHosts)
            return Create(config, type, context);
        foreach (var (known, of, source) in _sources)
        {
            if (of == type && known.Equals(config))
                return source;
        }

        var made = Create(config, type, context);
        if (made is not null)
            _sources.Add((config, type, made));
        return made;
    }

    /// <summary>The stream of another service than discovery; null, with the fault reported, when its source cannot be used.</summary>
    /// <param name="config">Where to.</param>
    /// <param name="name">What logs call it.</param>
    /// <param name="path">:path.</param>
    /// <param name="user">Who speaks on it.</param>
    /// <param name="delay">How long to wait after it was lost.</param>
    /// <param name="context">Takes the faults.</param>
    public ManagementStream? Open(ApiConfigSource config, string name, string path, IManagementStreamUser user, ReconnectDelay delay, FactoryContext context)
    {
        if (config.ApiType != ApiType.Grpc)
        {
            context.Config.Error(config, "api_type", $"{ConfigName} type must be gRPC");
            return null;
        }

        if (!CheckGrpc(config, null, context))
            return null;
        var target = new GrpcSourceConfig { Node = Node, Services = ServicesOf(config, context), Path = path, Name = name };
        var stream = new ManagementStream(target, _main, context, user, delay);
        _streams.Add(stream);
        return stream;
    }

    public void Dispose()
    {
        _ads?.Dispose();
        foreach (var stream in _streams)
            stream.Dispose();
        foreach (var (_, _, source) in _sources)
            (source as IDisposable)?.Dispose();
    }

    private static HashSet<string> StaticClusters(BootstrapMessage bootstrap)
    {
        var clusters = bootstrap.StaticResources?.Clusters ?? [];
        return [.. clusters.Where(cluster => cluster.Type != ClusterMessage.Types.DiscoveryType.Eds).Select(cluster => cluster.Name)];
    }

    private IResourceSource? Create(ApiConfigSource config, ResourceType type, FactoryContext context)
    {
        switch (config.ApiType)
        {
            case ApiType.Grpc or ApiType.DeltaGrpc:
                return CheckGrpc(config, type, context) ? new GrpcSource(GrpcConfig(config, type, config.ApiType == ApiType.DeltaGrpc, context), _main, context, _options, _savedTo) : null;
            case ApiType.Rest:
                return CheckRest(config, type, context) ? new RestSource(RestConfig(config, type), _main, context, _options, _savedTo) : null;
            case ApiType.AggregatedGrpc:
                context.Config.Error(config, "api_type", "Unsupported config source AGGREGATED_GRPC");
                return null;
            case ApiType.AggregatedDeltaGrpc:
                context.Config.Error(config, "api_type", "Unsupported config source AGGREGATED_DELTA_GRPC");
                return null;
            default:
                context.Config.Error(config, "api_type", "Invalid API config source API type");
                return null;
        }
    }

    private GrpcSourceConfig GrpcConfig(ApiConfigSource config, ResourceType? type, bool isDelta, FactoryContext context) => new()
    {
        Node = Node,
        Services = ServicesOf(config, context),
        IsDelta = isDelta,
        NodeOnFirstOnly = config.SetNodeOnFirstMessageOnly,
        IsOfOneSubscription = type == ResourceType.VirtualHosts,
        RateLimit = RateLimitOf(config),
        Path = DiscoveryMethods.Grpc(type, isDelta),
        IsAggregated = type is null,
        Name = $"{type?.ShortName ?? "ADS"} from {config.GrpcServices[0].EnvoyGrpc?.ClusterName ?? config.GrpcServices[0].GoogleGrpc.TargetUri}",
    };

    /// <summary>Each with a cluster; after <see cref="CheckGrpc"/>.</summary>
    private static GrpcService[] ServicesOf(ApiConfigSource config, FactoryContext context) => [.. config.GrpcServices.Select(service => context.GoogleGrpc.Resolve(service, context)!)];

    private static RequestLimitConfig? RateLimitOf(ApiConfigSource config) => config.RateLimitSettings is { } limit
        ? new RequestLimitConfig(limit.MaxTokens ?? DefaultMaxTokens, Math.Max(limit.FillRate ?? DefaultFillPerSecond, MinFillPerSecond))
        : null;

    private RestSourceConfig RestConfig(ApiConfigSource config, ResourceType type) => new(
        $"{type.ShortName} from {config.ClusterNames[0]}",
        type,
        DiscoveryMethods.Rest(type)!,
        config.ClusterNames[0],
        Node,
        config.RefreshDelay.ToMs(0),
        config.RequestTimeout.ToMs(1000));

    /// <param name="type">What is wanted; null: several types, or none.</param>
    private bool CheckGrpc(ApiConfigSource config, ResourceType? type, FactoryContext context)
    {
        if (config.ClusterNames.Count > 0)
            return Refuse(config, "cluster_names", $"{ConfigName}::(AGGREGATED_)(DELTA_)GRPC must not have a cluster name specified", context);
        if (config.GrpcServices.Count == 0)
            return Refuse(config, "grpc_services", "API configs must have either a gRPC service or a cluster name defined", context);
        if (config.GrpcServices.Count > 2)
            return Refuse(config, "grpc_services", $"{ConfigName}::(AGGREGATED_)(DELTA_)GRPC must have no more than 2 gRPC services specified", context);
        if (config.RateLimitSettings?.FillRate is { } rate && !double.IsFinite(rate))
            return Refuse(config.RateLimitSettings, "fill_rate", $"The value of fill_rate in RateLimitSettings ({rate}) must not be NaN nor Inf", context);
        foreach (var service in config.GrpcServices)
        {
            if (service.RetryPolicy is not null)
                return Refuse(service, "retry_policy", "not implemented for xDS: it is envoy_grpc.retry_policy that says when to connect again", context);
            if (service.GoogleGrpc is not null ? context.GoogleGrpc.Resolve(service, context) is null : !CheckCluster(service.EnvoyGrpc.ClusterName, config, type, context))
                return false;
        }

        return CheckNode(config, context);
    }

    private bool CheckRest(ApiConfigSource config, ResourceType type, FactoryContext context)
    {
        if (config.GrpcServices.Count > 0)
            return Refuse(config, "grpc_services", $"{ConfigName}, if not a gRPC type, must not have a gRPC service specified", context);
        if (config.ClusterNames.Count != 1)
            return Refuse(config, "cluster_names", $"{ConfigName} must have a singleton cluster name specified", context);
        if (DiscoveryMethods.Rest(type) is null)
            return Refuse(config, "api_type", $"{type.ShortName} is not served over REST", context);
        if (config.RefreshDelay is null)
            return Refuse(config, "refresh_delay", "refresh_delay is required for REST API configuration sources", context);
        return CheckCluster(config.ClusterNames[0], config, type, context) && CheckNode(config, context);
    }

    /// <summary>Secrets may come through any cluster, as in Envoy: such as one of CDS.</summary>
    private bool CheckCluster(string name, ApiConfigSource config, ResourceType? type, FactoryContext context) => type == ResourceType.Secrets || _staticClusters.Contains(name)
        || Refuse(config, null, $"{ConfigName} must have a statically defined non-EDS cluster: '{name}' does not exist, was added via api, or is an EDS cluster", context);

    private bool CheckNode(ApiConfigSource config, FactoryContext context) => (Node.Id.Length > 0 && Node.Cluster.Length > 0)
        || Refuse(config, null, "node 'id' and 'cluster' are required. Set it either in 'node' config or via --service-node and --service-cluster options.", context);

    private static bool Refuse(IMessage at, string? field, string text, FactoryContext context)
    {
        context.Config.Error(at, field, text);
        return false;
    }
}
