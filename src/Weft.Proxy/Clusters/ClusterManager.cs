using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Clusters;

/// <summary>
/// All clusters: compiles them, starts their discovery, and hands every worker its half. Main thread only.
/// </summary>
public sealed class ClusterManager(FactoryContext context, WorkerSet workers) : IDisposable
{
    private readonly Dictionary<string, Cluster> _byName = [];
    private readonly List<Cluster> _clusters = [];

    /// <summary>In the order of configuration.</summary>
    public IReadOnlyList<Cluster> Clusters => _clusters;

    public Cluster? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Compiles and adds one cluster; its faults are reported in the context. Before workers run, or from the main thread later.</summary>
    public void Add(Envoy.Config.Cluster.V3.Cluster source)
    {
        if (_byName.ContainsKey(source.Name))
        {
            context.Config.Error(source, "name", $"cluster manager: duplicate cluster '{source.Name}'");
            return;
        }
        var config = ClusterConfig.Create(source, context);
        var cluster = Cluster.Create(config, context);
        _byName.Add(config.Name, cluster);
        _clusters.Add(cluster);
        var reference = context.Clusters.Get(config.Name);
        cluster.EndpointsChanged += (_, _) => workers.ForEach(worker => worker.Clusters.Refresh(reference));
        workers.Main.Clusters.Set(reference, cluster);
        workers.ForEach(worker => worker.Clusters.Set(reference, cluster));
    }

    /// <summary>Starts the discovery of every cluster; <paramref name="done"/> is called once, when all have their first answer.</summary>
    public void Initialize(Action done)
    {
        var left = _clusters.Count + 1;
        foreach (var cluster in _clusters.ToArray())
            cluster.Start(OneDone);
        OneDone();

        void OneDone()
        {
            if (--left == 0)
                done();
        }
    }

    public void Dispose()
    {
        foreach (var cluster in _clusters)
            cluster.Dispose();
    }
}
