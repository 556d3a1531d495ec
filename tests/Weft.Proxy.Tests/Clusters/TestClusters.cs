using Envoy.Config.Bootstrap.V3;
using Weft.Base;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.AccessLogs;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Dns;
using Weft.Proxy.Runtime;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Tests.Clusters;

/// <summary>What factories are handed, for clusters written as YAML.</summary>
internal sealed class TestClusters
{
    /// <param name="runtime">A static layer, YAML.</param>
    /// <param name="outlierLog">Where ejections are logged.</param>
    public TestClusters(EventLoop? loop = null, IDnsResolver? dns = null, string runtime = "", string outlierLog = "")
    {
        Logs = new AccessLogFiles(Stats.Scope(""), flushIntervalMs: 1);
        var layers = runtime.Length == 0 ? null : ConfigReader.ReadText<LayeredRuntime>($"layers: [ {{ name: static, static_layer: {runtime} }} ]", "runtime.yaml", new ReadOptions(), Config);
        Context = new FactoryContext
        {
            Config = Config,
            Stats = Stats,
            Runtime = new RuntimeLayers(layers, Config, Stats.Scope("")),
            AccessLogFiles = Logs,
            OutlierLog = outlierLog.Length == 0 ? null : Logs.Open(outlierLog),
            Clusters = new ClusterReferences(),
            Node = new Node("", "", ""),
            MainLoop = loop!,
            Dns = dns!,
            Random = new RandomSource(1),
            Concurrency = 1,
        };
    }

    public ConfigContext Config { get; } = new();

    /// <summary>Dispose to have everything written.</summary>
    public AccessLogFiles Logs { get; }

    public StatsStore Stats { get; } = new();

    public FactoryContext Context { get; }

    /// <summary>The faults, each with its field path.</summary>
    public string[] Faults => [.. Config.Findings.Errors.Select(fault => $"{fault.FieldPath}: {fault.Text}")];

    public ClusterConfig Compile(string yaml) =>
        ClusterConfig.Create(ConfigReader.ReadText<ClusterMessage>(yaml, "cluster.yaml", new ReadOptions { AllowUnimplemented = true }, Config), Context);

    /// <summary>The value of a counter or gauge <c>cluster.NAME.</c></summary>
    public long Counter(string cluster, string name) => Stats.Scope($"cluster.{cluster}.").Counter(name).Value;

    public long Gauge(string cluster, string name) => Stats.Scope($"cluster.{cluster}.").Gauge(name).Value;

    /// <summary>A printed gauge, also one that is computed; null when there is none.</summary>
    public long? Printed(string name)
    {
        var all = new List<Statistic>();
        Stats.List(all);
        foreach (var statistic in all)
        {
            if (statistic.Name == name)
                return statistic.Value;
        }
        return null;
    }
}
