using Envoy.Config.Core.V3;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Xds;

namespace Weft.Proxy.XdsClient.Extensions;

/// <summary>ECDS: one configuration by name, for all places in filter chains that take it from the same source. Main thread.</summary>
internal sealed class ExtensionDiscovery : IResourceWatcher, IDisposable
{
    private static readonly Logger Log = Logger.Get("filter");

    private readonly Lifetime _lifetime;
    private readonly Subscription? _subscription;
    private readonly Counter _reload;
    private readonly Counter _fail;
    private readonly List<IExtensionSlot> _slots = [];
    private readonly List<InitTarget> _waiting = [];
    private bool _isHeardOf;

    /// <param name="kind">What of, as statistics name it: http_filter.</param>
    /// <param name="name">Of the resource.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="at">The message that holds config_source.</param>
    /// <param name="context">Takes the faults of the source.</param>
    public ExtensionDiscovery(string kind, string name, ConfigSource? source, IMessage at, FactoryContext context)
    {
        (Kind, Name) = (kind, name);
        // Its own: places of other listeners may use it longer than the first.
        _lifetime = new Lifetime(context.Stats);
        var scope = _lifetime.Make(() => context.Stats.Scope($"extension_config_discovery.{kind}.{name}."));
        _reload = scope.Counter("config_reload");
        _fail = scope.Counter("config_fail");
        Conflict = scope.Counter("config_conflict");
        _subscription = context.Subscriptions?.Create(source, at, "config_source", ResourceType.ExtensionConfigs, name, this, scope, context);
    }

    public string Kind { get; }

    public string Name { get; }

    /// <summary>The configuration in use; null: none has come yet, or it was removed.</summary>
    public LoadedExtension? Last { get; private set; }

    /// <summary>A new place could not use the configuration that was there already.</summary>
    public Counter Conflict { get; }

    public bool IsUsed => _slots.Count > 0;

    public void Add(IExtensionSlot slot) => _slots.Add(slot);

    public void Remove(IExtensionSlot slot) => _slots.Remove(slot);

    /// <summary>Asks, if that has not begun.</summary>
    public void Start()
    {
        if (_subscription is null)
            OnHeardOf();
        else
            _subscription.Start();
    }

    /// <summary>Asks, and says when there was an answer.</summary>
    public void Await(InitTarget target)
    {
        if (_isHeardOf)
            target.Ready();
        else
            _waiting.Add(target);
        Start();
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        if (update.Removed.Count > 0)
        {
            Clear();
            return null;
        }

        var fault = Apply(update);
        if (fault is not null)
            _fail.Inc();
        OnHeardOf();
        return fault;
    }

    public void OnNothing()
    {
        _fail.Inc();
        OnHeardOf();
    }

    /// <summary>Nobody uses it any more.</summary>
    public void Dispose()
    {
        _subscription?.Dispose();
        OnHeardOf();
        _lifetime.Dispose();
    }

    private string? Apply(DiscoveryUpdate update)
    {
        if (update.Resources.Count != 1)
            return $"Unexpected number of resources in ExtensionConfigDS response: {update.Resources.Count}";
        var resource = update.Resources[0];
        var config = resource.NewContext();
        if (resource.As<TypedExtensionConfig>(config) is not { } message || config.Findings.HasErrors)
            return Text(config);
        if (message.Name != Name)
            return $"Unexpected resource name in ExtensionConfigDS response: {message.Name}";
        if (Last is { } known && known.Message.Equals(message))
            return null;
        // All or none: what one place cannot use is used nowhere.
        var changes = _slots.ConvertAll(slot => slot.Prepare(message.TypedConfig, config));
        if (config.Findings.HasErrors)
            return Text(config);
        foreach (var change in changes)
            change?.Invoke();
        Log.Debug($"Updated filter config {Name} accepted, version {resource.Version}");
        Last = new LoadedExtension(message, resource.Version, DateTimeOffset.UtcNow);
        _reload.Inc();
        return null;
    }

    private void Clear()
    {
        Log.Debug($"Removing filter config {Name}");
        Last = null;
        foreach (var slot in _slots)
            slot.Clear();
        _reload.Inc();
    }

    private void OnHeardOf()
    {
        _isHeardOf = true;
        foreach (var target in _waiting)
            target.Ready();
        _waiting.Clear();
    }

    private static string Text(ConfigContext config) => string.Join("; ", config.Findings.Errors);
}
