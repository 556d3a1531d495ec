using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>
/// Where clusters come from on demand: one management server, or those that xdstp names say, with a subscription for every cluster that was found
/// there. Main thread, except <see cref="Request"/>.
/// </summary>
internal sealed class OnDemandClusterSource
{
    private static readonly Logger Log = Logger.Get("upstream");

    private readonly ClusterManager _clusters;
    private readonly FactoryContext _context;
    private readonly StatsScope _scope;
    private readonly Dictionary<string, OnDemandCluster> _byName = new(StringComparer.Ordinal);

    /// <param name="at">The message that holds the source.</param>
    public OnDemandClusterSource(ConfigSource source, IMessage at, ClusterManager clusters, FactoryContext context)
    {
        (Source, _clusters) = (source, clusters);
        // It outlives the listener that it was configured for first.
        _context = context.For(new ConfigContext());
        _scope = context.Stats.Scope("cluster_manager.odcds.");
        IsUsable = context.Subscriptions?.Check(source, at, "source", ResourceType.Clusters, context) ?? false;
    }

    public ConfigSource Source { get; }

    /// <summary>False when its faults were reported.</summary>
    public bool IsUsable { get; }

    public bool Owns(string cluster) => _byName.ContainsKey(cluster);

    /// <summary>A request lacks a cluster. Any thread.</summary>
    /// <param name="name">Of the cluster.</param>
    /// <param name="timeoutMs">How long a first question for it may take.</param>
    /// <param name="wait">Hears whether it is there.</param>
    public void Request(string name, long timeoutMs, OnDemandWait wait) => _context.MainLoop.Post(() =>
    {
        if (_clusters.Find(name) is not null)
        {
            wait.Complete(isFound: true);
            return;
        }

        if (_byName.TryGetValue(name, out var known))
        {
            known.Add(wait);
            return;
        }

        Log.Debug($"cm odcds: asking for cluster {name}");
        var cluster = _byName[name] = new OnDemandCluster(name, _clusters, _context.MainLoop, () => Forget(name));
        cluster.Add(wait);
        // A name that cannot be asked for is a fault of the request: one of its own.
        var faults = new ConfigContext();
        if (_context.Subscriptions!.Create(Source, Source, "", ResourceType.Clusters, name, cluster, _scope, _context.For(faults)) is { } subscription)
            cluster.Start(subscription, timeoutMs);
        else
            cluster.GiveUp($"cluster {name} cannot be asked for: {string.Join("; ", faults.Findings.Errors)}");
    });

    public void OnActivated(string name) => _byName.GetValueOrDefault(name)?.OnActivated();

    /// <summary>It was not found: the next request may ask again.</summary>
    private void Forget(string name)
    {
        if (_byName.Remove(name, out var cluster))
            cluster.Dispose();
    }
}
