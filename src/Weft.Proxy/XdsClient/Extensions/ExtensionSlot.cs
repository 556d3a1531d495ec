using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Config;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.XdsClient.Extensions;

/// <summary>
/// A place in a filter chain whose filter comes by ECDS (config_discovery): what makes the filter now. Main thread, except <see cref="Current"/>.
/// </summary>
/// <typeparam name="T">A filter factory.</typeparam>
internal sealed class ExtensionSlot<T> : IExtensionSlot, IDisposable
    where T : class
{
    private readonly string _name;
    private readonly HashSet<string> _types;
    private readonly Func<Any, FactoryContext, T?> _make;
    private readonly FactoryContext _context;
    private readonly T? _default;
    private readonly ExtensionDiscovery? _discovery;
    private T? _current;

    /// <param name="kind">As statistics name it: http_filter.</param>
    /// <param name="name">Of the filter, and of the resource.</param>
    /// <param name="source">config_discovery.</param>
    /// <param name="make">Compiles a configuration for this place; null, with findings, when it cannot be used.</param>
    /// <param name="context">Takes the faults; what waits for the filter, and with what it ends.</param>
    public ExtensionSlot(string kind, string name, ExtensionConfigSource source, Func<Any, FactoryContext, T?> make, FactoryContext context)
    {
        (_name, _make, _context) = (name, make, context);
        _types = source.TypeUrls.Select(static url => url[(url.LastIndexOf('/') + 1)..]).ToHashSet(StringComparer.Ordinal);
        if (source.ApplyDefaultConfigWithoutWarming && source.DefaultConfig is null)
            context.Config.Error(source, "default_config", $"Error: filter config {name} applied without warming but has no default config.");
        if (source.DefaultConfig is { } config)
            _current = _default = Compile(config, context);
        if (context.Config.Findings.HasErrors)
            return;
        _discovery = context.Extensions.Open(kind, name, source.ConfigSource, source, this, context);
        context.Lifetime?.Add(this);
        TakeLast(_discovery);
        Begin(_discovery, !source.ApplyDefaultConfigWithoutWarming);
    }

    /// <summary>Null: there is no configuration. Any thread; the next connection or request sees a new one.</summary>
    public T? Current
    {
        get => Volatile.Read(ref _current);
        private set => Volatile.Write(ref _current, value);
    }

    public Action? Prepare(Any? typedConfig, ConfigContext config)
    {
        var factory = Compile(typedConfig, _context.For(config, _context.Lifetime));
        return factory is null ? null : () => Current = factory;
    }

    public void Clear() => Current = _default;

    public void Dispose()
    {
        if (_discovery is not null)
            _context.Extensions.Close(_discovery, this);
    }

    private void Begin(ExtensionDiscovery discovery, bool isAwaited)
    {
        if (_context.Init is not { } init)
        {
            discovery.Start();
            return;
        }

        if (isAwaited)
        {
            init.Add($"FilterConfigSubscription init {_name}", discovery.Await);
            return;
        }

        init.Add("DynamicFilterConfigProviderImpl", target =>
        {
            discovery.Start();
            target.Ready();
        });
    }

    /// <summary>What another place uses already; when this one cannot, it has its default until the next update.</summary>
    private void TakeLast(ExtensionDiscovery discovery)
    {
        if (discovery.Last is not { } last)
            return;
        if (Prepare(last.Message.TypedConfig, new ConfigContext()) is { } change)
            change();
        else
            discovery.Conflict.Inc();
    }

    private T? Compile(Any? typedConfig, FactoryContext context)
    {
        if (typedConfig is null || typedConfig.TypeUrl.Length == 0)
        {
            context.Config.Error(new Any(), null, $"Didn't find a registered implementation for '{_name}' with type URL: ''");
            return null;
        }

        // What is wrong with it is reported already.
        if (context.Config.Unpack(typedConfig) is not { } message)
            return null;
        if (_types.Contains(message.Descriptor.FullName))
            return _make(typedConfig, context);
        context.Config.Error(typedConfig, null, $"Error: filter config has type URL {message.Descriptor.FullName} but expect {string.Join(", ", _types)}.");
        return null;
    }
}
