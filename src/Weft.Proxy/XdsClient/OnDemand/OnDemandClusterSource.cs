using Envoy.Extensions.Filters.Http.OnDemand.V3;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>
/// Where clusters come from on demand: one management server, or those that xdstp names say, with a subscription for every cluster that was found
/// there and is not in the source's collection. Main thread, except <see cref="Request"/>.
/// </summary>
internal sealed class OnDemandClusterSource
{
    private const string SourceField = "source";

    private static readonly Logger Log = Logger.Get("upstream");

    private readonly OnDemandCds _config;
    private readonly ClusterManager _clusters;
    private readonly FactoryContext _context;
    private readonly StatsScope _scope;
    private readonly Dictionary<string, OnDemandCluster> _byName = new(StringComparer.Ordinal);
    private readonly OnDemandCollection? _collection;
    private readonly Subscription? _wholeCollection;

    /// <param name="config">Its <c>source</c> may be left out: every cluster comes from the authority in its name then.</param>
    public OnDemandClusterSource(OnDemandCds config, ClusterManager clusters, FactoryContext context)
    {
        (_config, _clusters) = (config, clusters);
        // It outlives the listener that it was configured for first.
        _context = context.For(new ConfigContext());
        _scope = context.Stats.LastingScope("cluster_manager.odcds.");
        // They stay when a cluster goes.
        _ = new SubscriptionStats(_scope);
        if (context.Subscriptions is not { } subscriptions)
            return;
        if (config.ResourcesLocator.Length > 0)
        {
            _collection = new OnDemandCollection(clusters, AskForOthers, OnGone);
            _wholeCollection = subscriptions.CreateAll(config.Source, config, SourceField, config.ResourcesLocator, "resources_locator", ResourceType.Clusters, _collection, _scope, context);
        }

        IsUsable = _collection is not null ? _wholeCollection is not null
            : (config.Source is null && subscriptions.HasAuthorities) || subscriptions.Check(config.Source, config, SourceField, ResourceType.Clusters, context);
    }

    /// <summary>False when its faults were reported.</summary>
    public bool IsUsable { get; }

    /// <summary>Whether it was made of this, wherever that stands.</summary>
    public bool IsOf(OnDemandCds config) => Equals(_config.Source, config.Source) && _config.ResourcesLocator == config.ResourcesLocator;

    public bool Owns(string cluster) => _byName.ContainsKey(cluster) || (_collection?.Has(cluster) ?? false);

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

        var scope = _scope.Scope("");
        var cluster = _byName[name] = new OnDemandCluster(name, _clusters, _context.MainLoop, scope, () => Forget(name));
        cluster.Add(wait);
        cluster.LimitTime(timeoutMs);
        _wholeCollection?.Start();
        if (_collection is null or { IsHeardOf: true })
            AskIfNotCollected(name, cluster);
    });

    public void OnActivated(string name) => _byName.GetValueOrDefault(name)?.OnActivated();

    /// <summary>The collection has come: what is wanted and not in it is asked for.</summary>
    private void AskForOthers()
    {
        foreach (var (name, cluster) in _byName.ToArray())
            AskIfNotCollected(name, cluster);
    }

    private void AskIfNotCollected(string name, OnDemandCluster cluster)
    {
        if (cluster.IsAsked || (_collection?.Has(name) ?? false))
            return;
        Log.Debug($"cm odcds: asking for cluster {name}");
        // A name that cannot be asked for is a fault of the request: one of its own.
        var faults = new ConfigContext();
        if (_context.Subscriptions!.Create(_config.Source, _config, SourceField, ResourceType.Clusters, name, cluster, cluster.Stats, _context.For(faults)) is { } subscription)
            cluster.Start(subscription);
        else
            cluster.GiveUp($"cluster {name} cannot be asked for: {string.Join("; ", faults.Findings.Errors)}");
    }

    private void OnGone(string name) => _byName.GetValueOrDefault(name)?.GiveUp($"cluster {name} is not in the collection any more");

    /// <summary>It was not found: the next request may ask again.</summary>
    private void Forget(string name)
    {
        if (_byName.Remove(name, out var cluster))
            cluster.Dispose();
    }
}
