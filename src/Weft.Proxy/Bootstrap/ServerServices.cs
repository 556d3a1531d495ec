using Envoy.Config.Metrics.V3;
using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Clusters;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Dns;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient;
using ApiNode = Envoy.Config.Core.V3.Node;
using StatsConfig = Weft.Proxy.Stats.StatsConfig;
using StatsConfigMessage = Envoy.Config.Metrics.V3.StatsConfig;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>What a proxy has before it has clusters and listeners: threads, statistics, runtime, log files, names.</summary>
internal sealed class ServerServices : IDisposable
{
    /// <param name="unknownFieldPassed">Called for each unknown field of what is discovered.</param>
    public ServerServices(BootstrapMessage bootstrap, ServerOptions options, ConfigContext config, ServerStatus status, Action unknownFieldPassed)
    {
        var random = RandomSource.FromSystem();
        Warnings = new ResourceWarnings(options);
        StatsConfig = StatsConfig.Create(StatsConfigOf(bootstrap, options), config);
        Stats = new StatsStore { NameFilter = StatsConfig.NameFilter };
        Node = NodeIdentity.Create(bootstrap.Node, options);
        Workers = new WorkerSet(options.Concurrency, random, Node);
        AccessLogFiles = new AccessLogFiles(Stats.Scope(""), (int)Math.Min(options.FileFlushIntervalMs, int.MaxValue));
        Runtime = new RuntimeLayers(bootstrap.LayeredRuntime, config, Stats.Scope(""), Node.Cluster);
        Runtime.Watch(Workers.Main.Loop.Post);
        Factory = new FactoryContext
        {
            Config = config,
            Stats = Stats,
            Runtime = Runtime,
            AccessLogFiles = AccessLogFiles,
            Clusters = new ClusterReferences(),
            Node = NodeIdentity.Short(Node, options),
            Main = Workers.Main,
            MainLoop = Workers.Main.Loop,
            Dns = new DnsResolver(Workers.Main.Loop, DnsResolverConfig.Create(bootstrap, config), Stats),
            Random = random,
            Status = status,
            LocalCluster = LocalClusterOf(bootstrap, Node),
            OutlierLog = OpenOutlierLog(bootstrap, config),
            UpstreamBindConfig = bootstrap.ClusterManager?.UpstreamBindConfig,
            Concurrency = options.Concurrency,
            Subscriptions = new SubscriptionFactory(Workers.Main, bootstrap, Node, new ReadOptions
            {
                UnknownFields = options.UnknownDynamicFields,
                UnknownFieldPassed = unknownFieldPassed,
                WarningFound = Warnings.Tell,
                AllowUnimplemented = options.AllowUnimplemented,
            }, options.XdsCacheDirectory.Length > 0 ? options.XdsCacheDirectory : null),
        };
        Factory.Subscriptions.UseAuthoritiesOf(bootstrap, Factory);
    }

    public StatsStore Stats { get; }

    /// <summary>Logs what is found beside faults in configuration that comes while the proxy runs.</summary>
    public ResourceWarnings Warnings { get; }

    public StatsConfig StatsConfig { get; }

    public WorkerSet Workers { get; }

    public RuntimeLayers Runtime { get; }

    public AccessLogFiles AccessLogFiles { get; }

    public ApiNode Node { get; }

    public FactoryContext Factory { get; }

    /// <summary>After the workers have ended: writes out what the access logs hold.</summary>
    public void Dispose()
    {
        Runtime.Dispose();
        Factory.Subscriptions?.Dispose();
        AccessLogFiles.Dispose();
        Workers.Dispose();
    }

    private static LocalCluster? LocalClusterOf(BootstrapMessage bootstrap, ApiNode node)
    {
        if (bootstrap.ClusterManager is not { LocalClusterName.Length: > 0 } manager)
            return null;
        var locality = new EndpointLocality(node.Locality?.Region ?? "", node.Locality?.Zone ?? "", node.Locality?.SubZone ?? "");
        return new LocalCluster(manager.LocalClusterName, locality);
    }

    private AccessLogFile? OpenOutlierLog(BootstrapMessage bootstrap, ConfigContext config)
    {
        if (bootstrap.ClusterManager?.OutlierDetection is not { EventLogPath.Length: > 0 } log)
            return null;
        try
        {
            return AccessLogFiles.Open(log.EventLogPath);
        }
        catch (IOException fault)
        {
            config.Error(log, "event_log_path", fault.Message);
            return null;
        }
    }

    /// <summary>Bootstrap.stats_config with the tags of --stats-tag behind its own.</summary>
    private static StatsConfigMessage? StatsConfigOf(BootstrapMessage bootstrap, ServerOptions options)
    {
        if (options.StatsTags.Count == 0)
            return bootstrap.StatsConfig;
        var result = bootstrap.StatsConfig?.Clone() ?? new StatsConfigMessage();
        foreach (var tag in options.StatsTags)
        {
            var parts = tag.Split(':', 2);
            result.StatsTags.Add(new TagSpecifier { TagName = parts[0], FixedValue = parts[1] });
        }
        return result;
    }
}
