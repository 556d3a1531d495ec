using Weft.Base.Logging;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Listeners;
using Weft.Xds;
using DynamicResourcesMessage = Envoy.Config.Bootstrap.V3.Bootstrap.Types.DynamicResources;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.XdsClient;

/// <summary>LDS: keeps the listener manager's dynamic listeners as the management server wants them. Main thread.</summary>
internal sealed class ListenerDiscovery : IResourceWatcher
{
    private static readonly Logger Log = Logger.Get("upstream");

    private readonly ListenerManager _listeners;
    private readonly Subscription? _subscription;
    private InitTarget? _init;

    /// <param name="resources">Holds lds_config, and perhaps the collection to take from it.</param>
    public ListenerDiscovery(DynamicResourcesMessage resources, ListenerManager listeners, SubscriptionFactory subscriptions, FactoryContext context)
    {
        _listeners = listeners;
        _subscription = subscriptions.CreateAll(resources.LdsConfig, resources, "lds_config", resources.LdsResourcesLocator, "lds_resources_locator", ResourceType.Listeners, this, context.Stats.Scope("listener_manager.lds."), context);
    }

    /// <summary>version_info of the newest response of which anything was accepted.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Updates that were refused, by listener, until one is accepted.</summary>
    public UpdateFailures Failures { get; } = new();

    /// <summary>Makes the server wait for the first answer.</summary>
    public void Initialize(InitManager server) => server.Add("LDS", target =>
    {
        _init = target;
        if (_subscription is null)
            target.Ready();
        else
            _subscription.Start();
    });

    public bool TakesGoodOnes => true;

    public string? OnUpdate(DiscoveryUpdate update)
    {
        var leaving = Leaving(update);
        var faults = new List<string>();
        var isChanged = false;
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in update.Resources)
        {
            if (resource.Name.Length > 0 && !names.Add(resource.Name))
            {
                resource.Refuse();
                faults.Add($"duplicate listener {resource.Name} found");
                continue;
            }

            var context = resource.NewContext();
            if (resource.As<ListenerMessage>(context) is { } listener && _listeners.Update(listener, resource.Version, context, leaving))
            {
                isChanged = true;
                Log.Info($"lds: add/update listener '{resource.Name}'");
            }

            if (Failures.Record(resource, context) is { } fault)
                faults.Add(fault);
        }

        foreach (var name in leaving)
        {
            Failures.Forget(name);
            if (!_listeners.Remove(name))
                continue;
            isChanged = true;
            Log.Info($"lds: remove listener '{name}'");
        }

        Failures.ForgetMissing(update);
        // As soon as anything of it is in use, as in Envoy; what is not says so by itself.
        if (faults.Count == 0 || isChanged)
            Version = update.Version;
        _init?.Ready();
        return faults.Count == 0 ? null : $"Error adding/updating listener(s) {string.Join(", ", faults)}";
    }

    public void OnNothing() => _init?.Ready();

    /// <summary>What the update takes away. A resource that cannot be read has no name, so nothing can be said to be missing then.</summary>
    private List<string> Leaving(DiscoveryUpdate update)
    {
        if (update.IsDelta)
            return [.. update.Removed];
        if (update.Resources.Any(resource => resource.Name.Length == 0))
            return [];
        return [.. _listeners.DynamicNames.Where(name => update.Find(name) is null)];
    }
}
