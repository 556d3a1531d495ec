using System.Collections.Concurrent;
using Envoy.Config.Endpoint.V3;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Dns.Cache;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using EndpointMessage = Envoy.Config.Endpoint.V3.Endpoint;
using Message = Envoy.Extensions.Clusters.DynamicForwardProxy.V3.SubClustersConfig;
using SocketAddress = Envoy.Config.Core.V3.SocketAddress;

namespace Weft.Proxy.Clusters.DiscoveryTypes.DynamicForwardProxy;

/// <summary>The cluster of one host. Any thread.</summary>
internal sealed class SubCluster(ClusterReference reference)
{
    private bool _wasUsed = true;

    public ClusterReference Reference { get; } = reference;

    /// <summary>A request went there since the last look.</summary>
    public bool WasUsed
    {
        get => Volatile.Read(ref _wasUsed);
        set => Volatile.Write(ref _wasUsed, value);
    }
}

/// <summary>
/// sub_clusters_config: a STRICT_DNS cluster for each host that requests name, with what its parent says of all else. The main thread makes them when a
/// worker asks, and removes those that nobody uses.
/// </summary>
internal sealed class SubClusters
{
    private readonly ConcurrentDictionary<string, SubCluster> _byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SubCluster>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<string, List<DnsCacheWaiter>> _warming = new(StringComparer.Ordinal);
    private readonly ClusterMessage _template;
    private readonly string _parent;
    private readonly FactoryContext _context;
    private readonly LoopTimer _cleanup;
    private readonly Message _config;
    private int _count;

    private SubClusters(ClusterMessage template, Message config, FactoryContext context)
    {
        (_template, _parent, _config, _context) = (template, template.Name, config, context);
        _lookup = _byKey.GetAlternateLookup<ReadOnlySpan<char>>();
        _cleanup = new LoopTimer(context.MainLoop, RemoveUnused);
    }

    /// <summary>max_sub_clusters is reached; default 1,024. Any thread.</summary>
    public bool IsFull => Volatile.Read(ref _count) >= (_config.MaxSubClusters ?? 1024);

    /// <summary>sub_cluster_ttl; default 300,000.</summary>
    private long TtlMs => _config.SubClusterTtl.ToMs(300_000);

    /// <summary>Compiles; faults are reported in the context. Main thread.</summary>
    /// <param name="parent">What the clusters inherit.</param>
    public static SubClusters Create(ClusterMessage parent, Message config, FactoryContext context)
    {
        if (config.LbPolicy == ClusterMessage.Types.LbPolicy.ClusterProvided)
            context.Config.Error(config, "lb_policy", "unsupported lb_policy 'CLUSTER_PROVIDED' in sub_cluster_config");
        var template = parent.Clone();
        template.ClusterType = null;
        template.Type = ClusterMessage.Types.DiscoveryType.StrictDns;
        template.LbPolicy = config.LbPolicy;
        return new SubClusters(template, config, context);
    }

    /// <summary>The cluster of a host, warm or not; null when there is none. Any thread, without a lock.</summary>
    public SubCluster? Find(ReadOnlySpan<char> key) => _lookup.TryGetValue(key, out var found) ? found : null;

    /// <summary>Has the cluster of a host made, if there is none; the waiter is told when it can be used. Any thread.</summary>
    public void Load(string key, DnsCacheWaiter waiter) => _context.MainLoop.Post(() => Begin(key, waiter));

    /// <summary>Begins to remove those that nobody uses. Main thread.</summary>
    public void Start() => _cleanup.Arm(TtlMs);

    /// <summary>The parent has gone. Main thread.</summary>
    public void Stop()
    {
        _cleanup.Cancel();
        foreach (var key in _byKey.Keys.ToArray())
            Remove(key);
    }

    private void Begin(string key, DnsCacheWaiter waiter)
    {
        if (_warming.TryGetValue(key, out var waiters))
        {
            waiters.Add(waiter);
        }
        else if (_byKey.ContainsKey(key))
        {
            waiter.Tell(new CachedHost(key));
        }
        else if (IsFull)
        {
            waiter.Tell(null);
        }
        else
        {
            _warming[key] = [waiter];
            Add(key);
        }
    }

    private void Add(string key)
    {
        var name = NameOf(key);
        _byKey[key] = new SubCluster(_context.Clusters.Take(name));
        Volatile.Write(ref _count, _byKey.Count);
        var (host, port) = DnsCacheKey.Split(key);
        var cluster = _template.Clone();
        cluster.Name = name;
        cluster.LoadAssignment = new ClusterLoadAssignment { ClusterName = name, Policy = _template.LoadAssignment?.Policy };
        var address = new Envoy.Config.Core.V3.Address { SocketAddress = new SocketAddress { Address = host, PortValue = (uint)port } };
        cluster.LoadAssignment.Endpoints.Add(new LocalityLbEndpoints { LbEndpoints = { new LbEndpoint { Endpoint = new EndpointMessage { Address = address } } } });
        if (_context.ClusterManager?.AddOwned(cluster, () => OnWarm(key)) != true)
            OnWarm(key);
    }

    /// <summary>Envoy's name, unless another dynamic forward proxy has a cluster for the same host.</summary>
    private string NameOf(string key)
    {
        var name = $"DFPCluster:{key}";
        return _context.ClusterManager?.Exists(name) == true ? $"{name}:{_parent}" : name;
    }

    private void OnWarm(string key)
    {
        if (!_warming.Remove(key, out var waiters))
            return;
        foreach (var waiter in waiters)
            waiter.Tell(new CachedHost(key));
    }

    private void RemoveUnused()
    {
        foreach (var (key, cluster) in _byKey.ToArray())
        {
            if (!cluster.WasUsed)
                Remove(key);
            cluster.WasUsed = false;
        }
        _cleanup.Arm(TtlMs);
    }

    private void Remove(string key)
    {
        if (!_byKey.TryRemove(key, out var cluster))
            return;
        Volatile.Write(ref _count, _byKey.Count);
        _context.ClusterManager?.RemoveOwned(cluster.Reference.Name);
        _context.Clusters.Release(cluster.Reference);
    }
}
