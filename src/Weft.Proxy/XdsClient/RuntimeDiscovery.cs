using Weft.Base.Logging;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Runtime;
using Weft.Xds;
using RuntimeMessage = Envoy.Service.Runtime.V3.Runtime;

namespace Weft.Proxy.XdsClient;

/// <summary>RTDS: keeps one runtime layer as a file or the management server wants it. Main thread.</summary>
internal sealed class RuntimeDiscovery : IResourceWatcher
{
    private static readonly Logger Log = Logger.Get("runtime");

    private readonly string _layerName;
    private readonly string _resourceName;
    private readonly RuntimeLayers _runtime;
    private readonly Subscription? _subscription;
    private InitTarget? _init;

    /// <param name="layer">A layer with rtds_layer.</param>
    public RuntimeDiscovery(ConfiguredLayer layer, RuntimeLayers runtime, SubscriptionFactory subscriptions, FactoryContext context)
    {
        var config = layer.Discovery!;
        (_layerName, _resourceName, _runtime) = (layer.Name, config.Name, runtime);
        _subscription = subscriptions.Create(config.RtdsConfig, config, "rtds_config", ResourceType.Runtime, config.Name, this, context.Stats.Scope("runtime."), context);
    }

    /// <summary>Makes the start of everything that reads the runtime wait for the first answer.</summary>
    public void Initialize(InitManager init) => init.Add($"RTDS {_resourceName}", target =>
    {
        _init = target;
        if (_subscription is null)
            target.Ready();
        else
            _subscription.Start();
    });

    public string? OnUpdate(DiscoveryUpdate update)
    {
        var fault = Apply(update);
        // With a faulty layer, too, the server goes on.
        _init?.Ready();
        return fault;
    }

    public void OnNothing() => _init?.Ready();

    private string? Apply(DiscoveryUpdate update)
    {
        if (update.Resources.Count + update.Removed.Count != 1)
            return $"Unexpected RTDS resource length, number of added resources {update.Resources.Count}, number of removed resources {update.Removed.Count}";
        if (update.Removed.Count > 0)
            return Clear(update.Removed[0]);
        var resource = update.Resources[0];
        var context = resource.NewContext();
        if (resource.As<RuntimeMessage>(context) is not { } message || context.Findings.HasErrors)
            return string.Join("; ", context.Findings.Errors);
        if (message.Name != _resourceName)
            return $"Unexpected RTDS runtime (expecting {_resourceName}): {message.Name}";
        var invalidKeys = new List<string>();
        var values = StaticLayer.Read(_layerName, message.Layer ?? new(), invalidKeys);
        if (invalidKeys.Count > 0)
            return string.Join("; ", invalidKeys.Select(key => $"Invalid runtime entry value for {key}"));
        Log.Debug($"Reloading RTDS snapshot for onConfigUpdate: layer={_layerName} version={update.Version}");
        _runtime.SetDiscovered(values);
        return null;
    }

    private string? Clear(string removed)
    {
        if (removed != _resourceName)
            return $"Unexpected removal of unknown RTDS runtime layer {removed}, expected {_resourceName}";
        _runtime.SetDiscovered(new LayerValues(_layerName, new Dictionary<string, RuntimeValue>()));
        return null;
    }
}
