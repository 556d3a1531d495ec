using Envoy.Config.Endpoint.V3;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.DiscoveryTypes.LocalityEndpoints;
using Weft.Proxy.XdsClient;
using Weft.Xds;

namespace Weft.Proxy.Clusters.DiscoveryTypes;

/// <summary>
/// EDS: the endpoints that a file or a management server names. An endpoint that is named again with other weights, metadata or health is
/// the same one, with its connections.
/// </summary>
internal sealed class EdsCluster : Cluster, IResourceWatcher
{
    private readonly Subscription? _subscription;
    private readonly string _resourceName;
    private readonly AssignedEndpoints _endpoints;
    private readonly SubscriptionFactory? _subscriptions;
    private CollectedLocalities? _collected;
    private LoopTimer? _stale;

    public EdsCluster(ClusterConfig config, FactoryContext context) : base(config)
    {
        _endpoints = new AssignedEndpoints(context.Stats, keepsCopies: false);
        var source = config.Source.EdsClusterConfig;
        _subscriptions = context.Subscriptions;
        _resourceName = XdsTpName.Canonical(source is { ServiceName.Length: > 0 } ? source.ServiceName : config.Name);
        // A name with an authority may say by itself where it is to be had.
        if (source is null || (source.EdsConfig is null && !XdsTpName.HasScheme(_resourceName)))
            context.Config.Error(source ?? (Google.Protobuf.IMessage)config.Source, source is null ? "eds_cluster_config" : "eds_config", "cannot create an EDS cluster without an EDS config");
        else if (context.Subscriptions is { } subscriptions)
            _subscription = subscriptions.Create(source.EdsConfig, source, "eds_config", ResourceType.Endpoints, _resourceName, this, config.StatsScope, context);
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Resources.Count == 0)
        {
            Config.Stats.UpdateEmpty.Inc();
            MarkInitialized();
            return null;
        }

        var fault = Apply(update);
        // With a faulty answer, too, others need not wait any longer.
        if (_collected is null or { IsComplete: true })
            MarkInitialized();
        return fault;
    }

    public void OnNothing() => MarkInitialized();

    public override void Dispose()
    {
        _subscription?.Dispose();
        _stale?.Cancel();
        _collected?.Dispose();
        base.Dispose();
    }

    protected override void Discover()
    {
        if (_subscription is null)
            MarkInitialized();
        else
            _subscription.Start();
    }

    private string? Apply(DiscoveryUpdate update)
    {
        if (update.Find(_resourceName) is not { } resource)
            return update.Resources[0].Fault("cluster_name", $"Unexpected EDS cluster (expecting {_resourceName}): {update.Resources[0].Name}");
        var context = resource.NewContext();
        if (resource.As<ClusterLoadAssignment>(context) is not { } message || context.Findings.HasErrors)
            return string.Join("; ", context.Findings.Errors);
        if (CollectedLocalities.AreIn(message))
            Follow(message, context);
        else if (LoadAssignment.Create(message, DiscoveryType.Eds, context) is var assignment && !context.Findings.HasErrors)
            TakeListed(assignment);
        if (context.Findings.HasErrors)
            return string.Join("; ", context.Findings.Errors);
        _stale?.Cancel();
        if (message.Policy?.EndpointStaleAfter is { } staleAfter)
        {
            Config.Stats.AssignmentTimeoutReceived.Inc();
            (_stale ??= new LoopTimer(Config.MainLoop, OnStale)).Arm(staleAfter.ToMs());
        }

        return null;
    }

    /// <summary>Endpoints of localities come from elsewhere (LEDS): taken over when all of them have come.</summary>
    private void Follow(ClusterLoadAssignment message, ConfigContext context)
    {
        _collected ??= new CollectedLocalities(_subscriptions!, Config.StatsScope, OnCollected);
        if (_collected.Follow(message, context) && _collected.IsComplete)
            TakeCollected(context);
    }

    private void OnCollected()
    {
        TakeCollected(new ConfigContext());
        MarkInitialized();
    }

    private void TakeCollected(ConfigContext context)
    {
        var assignment = LoadAssignment.Create(_collected!.Assignment(), DiscoveryType.Eds, context);
        if (!context.Findings.HasErrors)
            Take(assignment);
    }

    private void TakeListed(LoadAssignment assignment)
    {
        _collected?.Dispose();
        _collected = null;
        Take(assignment);
    }

    private void Take(LoadAssignment assignment)
    {
        var endpoints = _endpoints.Take(assignment, TakeBack);
        Publish(endpoints, assignment);
    }

    /// <summary>endpoint_stale_after has passed without another update: nothing is known any more.</summary>
    private void OnStale()
    {
        Config.Stats.AssignmentStale.Inc();
        TakeListed(LoadAssignment.Empty);
    }
}
