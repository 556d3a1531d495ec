using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.LoadBalancing;
using Weft.Proxy.Stats;
using Weft.Proxy.Workers;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;

namespace Weft.Proxy.Clusters;

/// <summary>
/// All clusters: starts their discovery, and hands every worker its half. One that is added or changed while the proxy runs
/// warms first (its endpoints become known) and takes the place of its predecessor only then. Main thread only.
/// </summary>
public sealed class ClusterManager : IDisposable
{
    private static readonly Logger Log = Logger.Get("upstream");

    private readonly FactoryContext _context;
    private readonly WorkerSet _workers;
    private readonly ClusterManagerStats _stats;
    private readonly ClusterFactory _factory;
    private readonly WarmingClusters _warming;
    private readonly RetiredClusters _retired;
    private readonly Dictionary<string, ManagedCluster> _byName = new(StringComparer.Ordinal);
    private readonly List<Cluster> _active = [];

    // One for all clusters.
    private readonly Action<Cluster, IReadOnlyList<Endpoint>> _onEndpointsChanged;
    private readonly Action<Cluster, Endpoint> _onEndpointFailed;

    public ClusterManager(FactoryContext context, WorkerSet workers)
    {
        (_context, _workers) = (context, workers);
        (_onEndpointsChanged, _onEndpointFailed) = (OnEndpointsChanged, OnEndpointFailed);
        _stats = new ClusterManagerStats(context.Stats);
        foreach (var worker in (IEnumerable<Worker>)[workers.Main, .. workers.Workers])
            worker.Clusters.Made = ClusterManagerStats.Inflated(context.Stats, worker.Name);
        _factory = new ClusterFactory(context, _stats);
        _warming = new WarmingClusters(_stats);
        _retired = new RetiredClusters(context.MainLoop);
        context.ClusterManager = this;
    }

    /// <summary>A cluster of that name is in use now, for the first time or in the place of another.</summary>
    internal event Action<string>? Activated;

    /// <summary>Those in use, in the order in which they were added.</summary>
    public IReadOnlyList<Cluster> Clusters => _active;

    /// <summary>Those that wait for their endpoints, with or without a predecessor in use.</summary>
    public IEnumerable<Cluster> Warming => _byName.Values.Where(entry => entry.Warming is not null).Select(entry => entry.Warming!.Cluster);

    /// <summary>Null when there is none, also as long as the first of that name is warming.</summary>
    public Cluster? Find(string name) => _byName.GetValueOrDefault(name)?.Active?.Cluster;

    /// <summary>Whether there is a cluster of that name, in use or warming.</summary>
    public bool Exists(string name) => _byName.ContainsKey(name);

    /// <summary>The names of those that a discovery service gave.</summary>
    public IEnumerable<string> DynamicNames => NamesOf(isDynamic: true);

    /// <summary>The names of those that stand in the bootstrap.</summary>
    internal IEnumerable<string> StaticNames => NamesOf(isDynamic: false);

    /// <summary>Compiles and adds one cluster of the bootstrap; its faults are reported in the context. Before workers run.</summary>
    public void Add(ClusterMessage source)
    {
        if (_byName.ContainsKey(source.Name))
        {
            _context.Config.Error(source, "name", $"cluster manager: duplicate cluster '{source.Name}'");
            return;
        }

        var made = _factory.Create(source, ResourceOrigin.Static(DateTimeOffset.UtcNow));
        var entry = _byName[source.Name] = new ManagedCluster(_context.Clusters.Get(source.Name));
        _stats.ClusterAdded.Inc();
        Activate(entry, made);
    }

    /// <summary>
    /// Adds or replaces a cluster that a discovery service gave. It begins to warm, and is used once its endpoints are known. False when nothing
    /// changes: it is there already, it stands in the bootstrap, or it has faults, which are reported in <paramref name="config"/>.
    /// </summary>
    public bool Update(ClusterMessage source, string version, ConfigContext config) => Update(source, Shared<ResourceOrigin>.Of(new ResourceOrigin(version, IsDynamic: true, _context.MainLoop.UtcNow)), config);

    /// <summary>As <see cref="Update(ClusterMessage, string, ConfigContext)"/>, for a cluster of the bootstrap that has changed or is new.</summary>
    internal bool UpdateStatic(ClusterMessage source, ConfigContext config) => Update(source, ResourceOrigin.Static(DateTimeOffset.UtcNow), config);

    private bool Update(ClusterMessage source, ResourceOrigin origin, ConfigContext config)
    {
        var entry = _byName.GetValueOrDefault(source.Name);
        if (entry is not null && IsUnchanged(entry.Newest.Cluster, source, origin, config))
            return false;
        if (entry is { Warming: null, Active: { } active } && _factory.TryChange(active, source, config))
        {
            active.Cluster.Origin = origin;
            _stats.ClusterModified.Inc();
            _stats.ClusterUpdated.Inc();
            return true;
        }

        if (_factory.TryCreate(source, origin, config) is not { } made)
            return false;
        (entry is null ? _stats.ClusterAdded : _stats.ClusterModified).Inc();
        entry ??= _byName[source.Name] = new ManagedCluster(_context.Clusters.Get(source.Name));
        Warm(entry, made);
        return true;
    }

    /// <summary>It is there already as it is wanted, or belongs to another: to the bootstrap, or to a discovery service.</summary>
    private static bool IsUnchanged(Cluster known, ClusterMessage source, ResourceOrigin origin, ConfigContext config)
    {
        if (known.Origin.IsDynamic == origin.IsDynamic)
            return known.Written.Is(source);
        config.Warning(source, "name", $"the cluster '{source.Name}' stays as {(known.Origin.IsDynamic ? "a discovery service" : "the bootstrap")} has it");
        return true;
    }

    /// <summary>Adds a cluster that another one makes for itself; <paramref name="onActive"/> is called when it can be used. False when there is one of that name, or it has faults.</summary>
    internal bool AddOwned(ClusterMessage source, Action onActive)
    {
        var origin = new ResourceOrigin("", IsDynamic: true, DateTimeOffset.UtcNow) { IsOwned = true };
        if (_byName.ContainsKey(source.Name) || _factory.TryCreate(source, origin, new ConfigContext()) is not { } made)
            return false;
        _stats.ClusterAdded.Inc();
        Warm(_byName[source.Name] = new ManagedCluster(_context.Clusters.Take(source.Name)), made, onActive);
        return true;
    }

    /// <summary>Removes a cluster of <see cref="AddOwned"/>.</summary>
    internal void RemoveOwned(string name)
    {
        if (_byName.GetValueOrDefault(name) is { Newest.Cluster.Origin.IsOwned: true } entry)
            Remove(entry);
    }

    /// <summary>Removes a cluster that a discovery service gave: idle connections close now, busy ones after their request. False when there is none.</summary>
    public bool Remove(string name) => Remove(name, isDynamic: true);

    /// <summary>The same for one of the bootstrap that stands there no more.</summary>
    internal bool RemoveStatic(string name) => Remove(name, isDynamic: false);

    private bool Remove(string name, bool isDynamic)
    {
        if (_byName.GetValueOrDefault(name) is not { Newest.Cluster.Origin.IsOwned: false } entry || entry.Newest.Cluster.Origin.IsDynamic != isDynamic)
            return false;
        Remove(entry);
        return true;
    }

    private void Remove(ManagedCluster entry)
    {
        var name = entry.Reference.Name;
        _byName.Remove(name);
        _warming.Drop(entry);
        if (entry.Active is { } active)
        {
            _workers.Main.Clusters.Remove(entry.Reference);
            _workers.ForEach(worker => worker.Clusters.Remove(entry.Reference));
            _active.Remove(active.Cluster);
            _stats.ActiveClusters.Set(_active.Count);
            _retired.Add(active.Cluster, active.Lifetime);
        }

        _stats.ClusterRemoved.Inc();
        Log.Info($"removing cluster {name}");
        _warming.TellIfNone();
    }

    /// <summary>Reports a cluster_manager.local_cluster_name that no cluster of the bootstrap has. Once all of them were added.</summary>
    public void CheckLocalCluster(Google.Protobuf.IMessage at)
    {
        if (_context.LocalCluster is { } local && !_byName.ContainsKey(local.Name))
            _context.Config.Error(at, "local_cluster_name", $"local cluster '{local.Name}' must be defined");
    }

    /// <summary>Starts the discovery of every cluster of the bootstrap; <paramref name="done"/> is called once, when all have their first answer.</summary>
    public void Initialize(Action done)
    {
        var left = _active.Count + 1;
        foreach (var cluster in _active.ToArray())
        {
            // One that another part made for itself has been started by it.
            if (cluster.Origin.IsOwned)
                OneDone();
            else
                cluster.Start(OneDone);
        }

        OneDone();

        void OneDone()
        {
            if (--left == 0)
                done();
        }
    }

    /// <summary>Calls <paramref name="done"/> once, as soon as no cluster is warming.</summary>
    public void WhenWarm(Action done) => _warming.WhenNone(done);

    /// <summary>Gives back what removed clusters own, as far as nothing uses it any more; a timer does it otherwise.</summary>
    internal void ReleaseRetired() => _retired.Release();

    public void Dispose()
    {
        // One that made others for itself removes them.
        foreach (var entry in _byName.Values.ToArray())
        {
            entry.Warming?.Cluster.Dispose();
            entry.Active?.Cluster.Dispose();
        }
    }

    private IEnumerable<string> NamesOf(bool isDynamic) => _byName.Where(entry => entry.Value.Newest.Cluster.Origin is { IsOwned: false } origin && origin.IsDynamic == isDynamic).Select(entry => entry.Key);

    private void Warm(ManagedCluster entry, ClusterWithLifetime made, Action? onActive = null) => _warming.Add(entry, made, () =>
    {
        Activate(entry, made);
        onActive?.Invoke();
    });

    private void Activate(ManagedCluster entry, ClusterWithLifetime made)
    {
        var (cluster, reference) = (made.Cluster, entry.Reference);
        cluster.EndpointsChanged += _onEndpointsChanged;
        cluster.EndpointFailed += _onEndpointFailed;
        _workers.Main.Clusters.Set(reference, cluster);
        _workers.ForEach(worker => worker.Clusters.Set(reference, cluster));
        var former = entry.Active;
        entry.Active = made;
        if (former is null)
        {
            _active.Add(cluster);
            _stats.ActiveClusters.Set(_active.Count);
        }
        else
        {
            _active[_active.IndexOf(former.Cluster)] = cluster;
            _stats.ClusterUpdated.Inc();
            _retired.Add(former.Cluster, former.Lifetime);
        }

        Activated?.Invoke(reference.Name);
    }

    private void OnEndpointsChanged(Cluster cluster, IReadOnlyList<Endpoint> removed)
    {
        if (_byName.GetValueOrDefault(cluster.Config.Name) is not { Reference: var reference })
            return;
        _workers.ForEach(worker => worker.Clusters.Refresh(reference));
        if (_context.LocalCluster is { } local && local.Name == reference.Name)
            OnLocalClusterChanged(local, cluster);
    }

    private void OnEndpointFailed(Cluster cluster, Endpoint endpoint)
    {
        if (_byName.GetValueOrDefault(cluster.Config.Name) is { Reference: var reference })
            _workers.ForEach(worker => worker.Clusters.FindUsed(reference)?.OnEndpointFailed(endpoint));
    }

    /// <summary>Zone-aware routing in all clusters goes by where the proxies themselves are.</summary>
    private void OnLocalClusterChanged(LocalCluster local, Cluster cluster)
    {
        local.Endpoints = cluster.Endpoints;
        foreach (var other in _active)
        {
            if (!ReferenceEquals(other, cluster))
                other.OnHealthChanged();
        }
    }
}
