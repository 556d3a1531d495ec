using Envoy.Config.Core.V3;
using Weft.Config;
using Weft.Http.Http1;
using Weft.Http.Http2;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.CircuitBreaking;
using Weft.Proxy.Clusters.ConnectionPools;
using Weft.Proxy.Clusters.HealthChecking;
using Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;
using Weft.Proxy.Clusters.DiscoveryTypes.OriginalDst;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Clusters.OutlierDetection;
using Weft.Proxy.HttpFilters.Upstream;
using Weft.Proxy.Listeners;
using Weft.Proxy.Stats;
using Weft.Proxy.Streams;
using Weft.Proxy.TransportSockets;
using AggregateMessage = Envoy.Extensions.Clusters.Aggregate.V3.ClusterConfig;
using DnsMessage = Envoy.Extensions.Clusters.Dns.V3.DnsCluster;
using DynamicForwardProxyMessage = Envoy.Extensions.Clusters.DynamicForwardProxy.V3.ClusterConfig;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters;

/// <summary>Makes a <see cref="ClusterConfig"/> of its message. Main thread.</summary>
internal static class ClusterConfigCompiler
{
    private const long DefaultIdleTimeoutMs = 3_600_000;
    private const int DefaultBufferLimitBytes = 1024 * 1024;
    private const int DefaultMaxHeadersCount = 100;

    /// <param name="config">The message.</param>
    /// <param name="context">Gets its faults.</param>
    /// <param name="former">
    /// What the message changes in place (<see cref="ClusterChange.IsInPlace"/>), whose statistics, transport sockets and counts of limits go on; null: a new cluster.
    /// </param>
    public static ClusterConfig Compile(ClusterMessage config, FactoryContext context, ClusterConfig? former = null)
    {
        var discovery = Discovery(config, context);
        var protocol = UpstreamHttpConfig.Create(config, context);
        if (discovery == DiscoveryType.DynamicForwardProxy)
            protocol = protocol with { Upstream = DynamicForwardProxyConfig.HttpOptionsOf(config, protocol.Upstream) };
        var format = Http1HeaderFormat.Of(protocol.Http1, context.Config);
        var assignment = LoadAssignment.Create(config.LoadAssignment, discovery, context.Config);
        if (discovery == DiscoveryType.LogicalDns)
            CheckSingleEndpoint(config, assignment, context);

        CircuitBreakers.Check(config.CircuitBreakers, context.Config);
        var statName = config.AltStatName.Length > 0 ? config.AltStatName : config.Name;
        var scope = former?.StatsScope ?? context.Stats.Scope($"cluster.{StatNameText.WithoutColons(statName)}.");
        var settings = former is null ? scope : scope.Scope("");
        var loadBalancing = LoadBalancingCompiler.Compile(config, settings, context);
        CheckPolicy(config, discovery, loadBalancing.Policy, context);
        var transports = former?.Transports ?? UpstreamTransports.Create(config, context, scope);
        return new ClusterConfig
        {
            Source = config,
            Name = config.Name,
            StatName = statName,
            Discovery = discovery,
            LbPolicy = loadBalancing.Policy,
            LoadBalancing = Shared<LoadBalancingConfig>.Of(loadBalancing),
            OriginalDst = discovery == DiscoveryType.OriginalDst ? OriginalDstConfig.Create(config, context) : null,
            DynamicForwardProxy = discovery == DiscoveryType.DynamicForwardProxy ? DynamicForwardProxyConfig.Create(config, transports.IsSecure, protocol.Upstream, context) : null,
            Aggregate = discovery == DiscoveryType.Aggregate ? AggregateOf(config, context) : [],
            UpdateMergeWindowMs = (config.CommonLbConfig?.UpdateMergeWindow).ToMs(0),
            ClosesConnectionsOnMembershipChange = config.CommonLbConfig?.CloseConnectionsOnHostSetChange ?? false,
            Assignment = assignment,
            Dns = Shared<DnsClusterConfig>.Of(DnsClusterConfig.Create(config, context.Config)),
            HealthCheck = former is not null && former.Source.HealthChecks.Equals(config.HealthChecks) ? former.HealthCheck : HealthCheckConfig.Create(config, scope, context),
            OutlierDetection = OutlierDetectionConfig.Create(config.OutlierDetection, context.Config),
            ClosesConnectionsOnFailure = config.CloseConnectionsOnHostHealthFailure,
            IgnoresHealthOnRemoval = config.IgnoreHealthOnHostRemoval,
            WaitForWarmOnInit = config.WaitForWarmOnInit ?? true,
            ConnectTimeoutMs = config.ConnectTimeout.ToMs(5_000),
            PerConnectionBufferLimitBytes = (int)Math.Min(config.PerConnectionBufferLimitBytes ?? DefaultBufferLimitBytes, int.MaxValue),
            MaxRequestsPerConnection = MaxRequestsPerConnection(config, protocol.Common, context),
            PredictivePreconnectRatio = config.PreconnectPolicy?.PredictivePreconnectRatio ?? 1,
            PreconnectRatio = config.PreconnectPolicy?.PerUpstreamPreconnectRatio ?? 1,
            PoolsPerDownstreamConnection = config.ConnectionPoolPerDownstreamConnection,
            IdleTimeoutMs = (protocol.Common?.IdleTimeout).ToMs(DefaultIdleTimeoutMs),
            MaxConnectionDurationMs = (protocol.Common?.MaxConnectionDuration).ToMs(0),
            MaxStreamDurationMs = (protocol.Common?.MaxStreamDuration).ToMs(0),
            HashPolicy = protocol.HashPolicy,
            Protocol = protocol.Protocol,
            Http1 = Shared<Http1DecoderOptions>.Of(DecoderOptions(protocol, context) with { PreservesCase = format.PreservesCase, IsProperCaseForOthers = format.IsProperForOthers }),
            Http1Write = new Http1WriteOptions(format.IsProperCase, IsFullUrl: protocol.Http1?.SendFullyQualifiedUrl ?? false),
            Http2 = Shared<Http2Config>.Of(protocol.Http2),
            Http2Stats = former is not null ? former.Http2Stats : protocol.Protocol == UpstreamProtocol.Http1 ? null : new Http2CodecStats(scope),
            ConnectOptions = Shared<ConnectOptions>.Of(ConnectOptions(config, context)),
            Transports = transports,
            UpstreamFilters = former is not null ? former.UpstreamFilters : UpstreamFilters(protocol, scope.Prefix, context),
            TransportKeys = former is not null ? former.TransportKeys : TransportKeyRules.Create(transports.HasSecure ? protocol.Upstream : null, transports),
            StatsScope = scope,
            SettingsScope = former is null ? null : settings,
            Stats = former?.Stats ?? new ClusterStats(scope),
            AttemptStats = former is not null ? former.AttemptStats : AttemptStats.Create(config, scope),
            NamesEndpoints = config.TrackClusterStats?.PerEndpointStats ?? false,
            AddressOrder = AddressOrder.Create(config.UpstreamConnectionOptions?.HappyEyeballsConfig),
            ZoneStats = former is not null ? former.ZoneStats : context.Node.Zone.Length > 0 ? new ZoneStats(scope, context.Node.Zone) : null,
            AlternateStats = former?.AlternateStats ?? new AlternateStats(scope, context.MainLoop),
            CircuitBreakers = CircuitBreakers.Create(config.CircuitBreakers, settings, context.Runtime, config.Name, former?.CircuitBreakers),
            Runtime = context.Runtime,
            MainLoop = context.MainLoop,
        };
    }

    private static UpstreamFilterChain? UpstreamFilters(UpstreamHttpConfig protocol, string statPrefix, FactoryContext context) =>
        protocol.Filters is { } filters ? UpstreamFilterChain.Create(filters, statPrefix, context) : null;

    private static DiscoveryType Discovery(ClusterMessage config, FactoryContext context)
    {
        var discovery = config.ClusterDiscoveryTypeCase == ClusterMessage.ClusterDiscoveryTypeOneofCase.ClusterType
            ? CustomDiscovery(config, context)
            : config.Type switch
            {
                ClusterMessage.Types.DiscoveryType.StrictDns => DiscoveryType.StrictDns,
                ClusterMessage.Types.DiscoveryType.LogicalDns => DiscoveryType.LogicalDns,
                ClusterMessage.Types.DiscoveryType.Eds => DiscoveryType.Eds,
                ClusterMessage.Types.DiscoveryType.OriginalDst => DiscoveryType.OriginalDst,
                _ => DiscoveryType.Static,
            };
        if (config.EdsClusterConfig is not null && discovery != DiscoveryType.Eds)
            context.Config.Error(config, "eds_cluster_config", "eds_cluster_config set in a non-EDS cluster");
        return discovery;
    }

    /// <summary>The type of its configuration decides; cluster_type may also name the built-in types.</summary>
    private static DiscoveryType CustomDiscovery(ClusterMessage config, FactoryContext context)
    {
        switch (context.Config.Unpack(config.ClusterType.TypedConfig))
        {
            case AggregateMessage: return DiscoveryType.Aggregate;
            case DynamicForwardProxyMessage: return DiscoveryType.DynamicForwardProxy;
            case DnsMessage dns: return dns.AllAddressesInSingleEndpoint ? DiscoveryType.LogicalDns : DiscoveryType.StrictDns;
        }
        switch (config.ClusterType.Name)
        {
            case "envoy.cluster.static": return DiscoveryType.Static;
            case "envoy.cluster.strict_dns": return DiscoveryType.StrictDns;
            case "envoy.cluster.logical_dns": return DiscoveryType.LogicalDns;
            case "envoy.cluster.eds": return DiscoveryType.Eds;
            case "envoy.cluster.original_dst": return DiscoveryType.OriginalDst;
        }
        context.Config.Error(config.ClusterType, "name", $"Didn't find a registered cluster factory implementation for name: '{config.ClusterType.Name}'");
        return DiscoveryType.Static;
    }

    private static ClusterReference[] AggregateOf(ClusterMessage config, FactoryContext context) =>
        context.Config.Unpack(config.ClusterType.TypedConfig) is AggregateMessage aggregate ? [.. aggregate.Clusters.Select(context.Clusters.Get)] : [];

    /// <summary>Some clusters choose among their endpoints themselves, and only they.</summary>
    private static void CheckPolicy(ClusterMessage config, DiscoveryType discovery, LbPolicy policy, FactoryContext context)
    {
        var isProvided = policy == LbPolicy.ClusterProvided;
        if (discovery == DiscoveryType.OriginalDst && !isProvided)
            context.Config.Error(config, "lb_policy", $"cluster: LB policy {Name(policy)} is not valid for Cluster type ORIGINAL_DST. Only 'CLUSTER_PROVIDED' is allowed with cluster type 'ORIGINAL_DST'");
        else if (discovery is DiscoveryType.Aggregate or DiscoveryType.DynamicForwardProxy && !isProvided)
            context.Config.Error(config, "lb_policy", $"cluster manager: cluster provided LB not specified but cluster '{config.Name}' provided one. Check cluster documentation.");
        else if (isProvided && discovery is not (DiscoveryType.OriginalDst or DiscoveryType.Aggregate or DiscoveryType.DynamicForwardProxy))
            context.Config.Error(config, "lb_policy", $"cluster manager: cluster provided LB specified but cluster '{config.Name}' did not provide one. Check cluster documentation.");
    }

    private static string Name(LbPolicy policy) => policy switch
    {
        LbPolicy.LeastRequest => "LEAST_REQUEST",
        LbPolicy.RingHash => "RING_HASH",
        _ => Enum.GetName(policy)!.Replace("RoundRobin", "ROUND_ROBIN", StringComparison.Ordinal).ToUpperInvariant(),
    };

    private static void CheckSingleEndpoint(ClusterMessage config, LoadAssignment assignment, FactoryContext context)
    {
        var localities = config.LoadAssignment?.Endpoints;
        // An endpoint whose address cannot be used was already reported.
        if (localities is [var only] && (only.LbEndpoints.Count == 1 || assignment.Localities[0].Endpoints.Count == 1))
            return;
        if (config.LoadAssignment is null)
            context.Config.Error(config, null, "LOGICAL_DNS clusters must have a single host");
        else
            context.Config.Error(config.LoadAssignment, "endpoints", "LOGICAL_DNS clusters must have a single locality_lb_endpoint and a single lb_endpoint");
    }

#pragma warning disable CS0612 // the deprecated place of the option is still accepted

    private static long MaxRequestsPerConnection(ClusterMessage config, HttpProtocolOptions? common, FactoryContext context)
    {
        if (config.MaxRequestsPerConnection is not null && common?.MaxRequestsPerConnection is not null)
            context.Config.Error(config, "max_requests_per_connection", "Only one of max_requests_per_connection from Cluster or HttpProtocolOptions can be specified");
        return common?.MaxRequestsPerConnection ?? config.MaxRequestsPerConnection ?? 0;
    }

#pragma warning restore CS0612

    private static Http1DecoderOptions DecoderOptions(UpstreamHttpConfig options, FactoryContext context) => new()
    {
        MaxHeadersCount = (int)Math.Min(options.Common?.MaxHeadersCount ?? DefaultMaxHeadersCount, int.MaxValue),
        EnableTrailers = options.Http1?.EnableTrailers ?? false,
        AllowChunkedLength = options.Http1?.AllowChunkedLength ?? false,
        IgnoresUpgrade = IgnoredUpgrades.Of(options.Http1, context.Config),
        Underscores = options.Common?.HeadersWithUnderscoresAction switch
        {
            HttpProtocolOptions.Types.HeadersWithUnderscoresAction.RejectRequest => UnderscoreAction.RejectRequest,
            HttpProtocolOptions.Types.HeadersWithUnderscoresAction.DropHeader => UnderscoreAction.DropHeader,
            _ => UnderscoreAction.Allow,
        },
    };

    private static ConnectOptions ConnectOptions(ClusterMessage config, FactoryContext context)
    {
        var bind = config.UpstreamBindConfig ?? context.UpstreamBindConfig;
        return new ConnectOptions
        {
            Source = bind?.SourceAddress is { } source ? EndpointAddress.Parse(source, suggestDns: false, context.Config) : default,
            OtherSources = bind is null ? [] : OtherSources(bind, config.UpstreamBindConfig is null ? "Bootstrap" : $"Cluster {config.Name}", context.Config),
            SocketOptions = bind is null ? [] : UpstreamSocketOptions.Compile(bind),
            KeepAlive = ListenerConfig.KeepAliveOf(config.UpstreamConnectionOptions?.TcpKeepalive),
        };
    }

    /// <summary>extra_source_addresses.</summary>
    private static IReadOnlyList<NetAddress> OtherSources(BindConfig bind, string owner, ConfigContext context)
    {
        if (bind.ExtraSourceAddresses.Count == 0)
            return [];
        if (bind.SourceAddress is null)
            context.Error(bind, null, $"{owner}'s upstream binding config has extra/additional source addresses but no source_address. Extra/additional addresses cannot be specified if source_address is not set.");
        return [.. bind.ExtraSourceAddresses.Select(extra => EndpointAddress.Parse(extra.Address, suggestDns: false, context))];
    }
}
