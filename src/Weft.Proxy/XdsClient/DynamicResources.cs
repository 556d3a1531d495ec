using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Weft.Proxy.XdsClient.Grpc;
using Weft.Proxy.XdsClient.HealthDiscovery;
using Weft.Proxy.XdsClient.LoadReporting;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.XdsClient;

/// <summary>What the bootstrap says is discovered (runtime layers, clusters, listeners) or reported (load, health), and the order in which it begins. Main thread.</summary>
internal sealed class DynamicResources
{
    private readonly ClusterManager _clusterManager;
    private readonly ListenerManager _listenerManager;
    private readonly InitManager _runtime = new("RTDS");
    private readonly LoadReporter? _loadReporter;
    private readonly HealthDelegate? _healthDelegate;

    /// <summary>Faults are reported in the context.</summary>
    public DynamicResources(BootstrapMessage bootstrap, ClusterManager clusters, ListenerManager listeners, FactoryContext context)
    {
        (_clusterManager, _listenerManager) = (clusters, listeners);
        if (context.Subscriptions is not { } subscriptions)
            return;
        foreach (var layer in context.Runtime.DiscoveredLayers)
            new RuntimeDiscovery(layer, context.Runtime, subscriptions, context).Initialize(_runtime);
        var servers = subscriptions.Servers;
        if (bootstrap.ClusterManager?.LoadStatsConfig is { } load)
        {
            var delay = new ReconnectDelay(context.Random, LoadReporter.RetryDelayMs, LoadReporter.RetryDelayMs);
            _loadReporter = new LoadReporter(clusters, servers.Node, context, user => servers.Open(load, "load reporter", LoadReporter.Path, user, delay, context));
        }

        if (bootstrap.HdsConfig is { } health)
        {
            var delay = new ReconnectDelay(context.Random, HealthDelegate.RetryBaseMs);
            _healthDelegate = new HealthDelegate(servers.Node, context, user => servers.Open(health, "health delegate", HealthDelegate.Path, user, delay, context));
        }

        if (bootstrap.DynamicResources is not { } resources)
            return;
        if (resources.CdsConfig is not null || resources.CdsResourcesLocator.Length > 0)
            Clusters = new ClusterDiscovery(resources, clusters, subscriptions, context);
        if (resources.LdsConfig is not null || resources.LdsResourcesLocator.Length > 0)
            Listeners = new ListenerDiscovery(resources, listeners, subscriptions, context);
    }

    /// <summary>CDS; null when it is not configured.</summary>
    public ClusterDiscovery? Clusters { get; }

    /// <summary>LDS; null when it is not configured.</summary>
    public ListenerDiscovery? Listeners { get; }

    /// <summary>What the server still waits for.</summary>
    public InitManager Init { get; } = new("Server");

    /// <summary>What begins before the server takes requests, in order: each waits for discovery.</summary>
    public IEnumerable<InitManager> Inits => [_runtime, Init];

    /// <summary>Starts the clusters of the bootstrap, then RTDS, then CDS, and calls <paramref name="done"/> when the clusters that it gave are warm.</summary>
    public void InitializeClusters(Action done) => _clusterManager.Initialize(() => _runtime.Start(() =>
    {
        _loadReporter?.Start();
        _healthDelegate?.Start();
        if (Clusters is null)
            done();
        else
            Clusters.Start(() => _clusterManager.WhenWarm(done));
    }));

    /// <summary>Starts LDS and what listeners wait for; calls <paramref name="done"/> when all has come, or will not come.</summary>
    public void InitializeListeners(Action done)
    {
        _listenerManager.Initialize(Init);
        Listeners?.Initialize(Init);
        Init.Start(done);
    }
}
