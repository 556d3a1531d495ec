using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Xds;
using ClusterMessage = Envoy.Config.Cluster.V3.Cluster;
using DynamicResourcesMessage = Envoy.Config.Bootstrap.V3.Bootstrap.Types.DynamicResources;

namespace Weft.Proxy.XdsClient;

/// <summary>CDS: keeps the cluster manager's dynamic clusters as the management server wants them. Main thread.</summary>
internal sealed class ClusterDiscovery : IResourceWatcher
{
    private static readonly Logger Log = Logger.Get("upstream");

    private readonly ClusterManager _clusters;
    private readonly OnDemand.OnDemandClusters? _onDemand;
    private readonly Subscription? _subscription;
    private readonly EventLoop _loop;
    private readonly Counter _reload;
    private readonly Gauge _reloadTimeMs;
    private Action? _onFirst;

    /// <param name="resources">Holds cds_config, and perhaps the collection to take from it.</param>
    public ClusterDiscovery(DynamicResourcesMessage resources, ClusterManager clusters, SubscriptionFactory subscriptions, FactoryContext context)
    {
        (_clusters, _onDemand) = (clusters, context.OnDemandClusters);
        var scope = context.Stats.Scope("cluster_manager.cds.");
        (_reload, _reloadTimeMs, _loop) = (scope.Counter("config_reload"), scope.Gauge("config_reload_time_ms"), context.MainLoop);
        _subscription = subscriptions.CreateAll(resources.CdsConfig, resources, "cds_config", resources.CdsResourcesLocator, "cds_resources_locator", ResourceType.Clusters, this, scope, context);
    }

    /// <summary>version_info of the newest response of which anything was accepted.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Updates that were refused, by cluster, until one is accepted.</summary>
    public UpdateFailures Failures { get; } = new();

    /// <summary>Begins; <paramref name="onFirst"/> is called once, when there was a first answer, or will be none.</summary>
    public void Start(Action onFirst)
    {
        _onFirst = onFirst;
        if (_subscription is null)
            TellFirst();
        else
            _subscription.Start();
    }

    public bool TakesGoodOnes => true;

    public string? OnUpdate(DiscoveryUpdate update)
    {
        var faults = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var (changed, same) = (0, 0);
        foreach (var resource in update.Resources)
        {
            if (resource.Name.Length > 0 && !names.Add(resource.Name))
            {
                resource.Refuse();
                faults.Add($"{resource.Name}: duplicate cluster {resource.Name} found");
                continue;
            }

            var context = resource.NewContext();
            if (resource.As<ClusterMessage>(context) is { } cluster && _clusters.Update(cluster, resource.Version, context))
                changed++;
            else if (!context.Findings.HasErrors)
                same++;
            if (Failures.Record(resource, context) is { } fault)
                faults.Add(fault);
        }

        var removed = Remove(update);
        Log.Info($"cds: added/updated {changed} cluster(s) (skipped {same} unmodified cluster(s)); removed {removed} cluster(s)");
        // As soon as anything of it is in use, as in Envoy; what is not says so by itself.
        if (faults.Count == 0 || changed + removed > 0)
            Version = update.Version;
        if (faults.Count == 0 && changed > 0)
            CountReload();
        TellFirst();
        return faults.Count == 0 ? null : $"Error adding/updating cluster(s) {string.Join(", ", faults)}";
    }

    public void OnNothing() => TellFirst();

    private void CountReload()
    {
        _reload.Inc();
        _reloadTimeMs.Set(((DateTimeOffset)_loop.UtcNow).ToUnixTimeMilliseconds());
    }

    /// <summary>Removes what the update takes away. A resource that cannot be read has no name, so nothing can be said to be missing then.</summary>
    private int Remove(DiscoveryUpdate update)
    {
        string[] gone = update.IsDelta ? [.. update.Removed]
            : update.Resources.Any(resource => resource.Name.Length == 0) ? []
            : [.. _clusters.DynamicNames.Where(name => update.Find(name) is null && !(_onDemand?.Owns(name) ?? false))];
        foreach (var name in gone)
            Failures.Forget(name);
        Failures.ForgetMissing(update);
        return gone.Count(_clusters.Remove);
    }

    private void TellFirst()
    {
        var onFirst = _onFirst;
        _onFirst = null;
        onFirst?.Invoke();
    }
}
