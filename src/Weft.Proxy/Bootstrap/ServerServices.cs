using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Dns;
using Weft.Proxy.Runtime;
using Weft.Proxy.Workers;
using ApiNode = Envoy.Config.Core.V3.Node;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>What a proxy has before it has clusters and listeners: threads, statistics, runtime, log files, names.</summary>
internal sealed class ServerServices : IDisposable
{
    public ServerServices(BootstrapMessage bootstrap, ServerOptions options, ConfigContext config)
    {
        var random = RandomSource.FromSystem();
        Stats = new StatsStore();
        Workers = new WorkerSet(options.Concurrency, random);
        AccessLogFiles = new AccessLogFiles(Stats.Scope("filesystem."));
        Node = NodeIdentity.Create(bootstrap.Node, options);
        Runtime = new RuntimeLayers(bootstrap.LayeredRuntime, config, Stats.Scope(""), NodeIdentity.Short(Node).Cluster);
        Runtime.Watch(Workers.Main.Loop.Post);
        Factory = new FactoryContext
        {
            Config = config,
            Stats = Stats,
            Runtime = Runtime,
            AccessLogFiles = AccessLogFiles,
            Clusters = new ClusterReferences(),
            Node = NodeIdentity.Short(Node),
            MainLoop = Workers.Main.Loop,
            Dns = new DnsResolver(Workers.Main.Loop, DnsResolverConfig.Create(bootstrap, config), Stats),
            Random = random,
            Concurrency = options.Concurrency,
        };
    }

    public StatsStore Stats { get; }

    public WorkerSet Workers { get; }

    public RuntimeLayers Runtime { get; }

    public AccessLogFiles AccessLogFiles { get; }

    public ApiNode Node { get; }

    public FactoryContext Factory { get; }

    /// <summary>After the workers have ended: writes out what the access logs hold.</summary>
    public void Dispose()
    {
        Runtime.Dispose();
        AccessLogFiles.Dispose();
        Workers.Dispose();
    }
}
