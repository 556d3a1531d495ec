using Envoy.Config.Bootstrap.V3;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Proxy.Stats;

namespace Weft.Proxy.Runtime;

/// <summary>
/// The configured runtime layers (static, disk, admin, RTDS) and the snapshot made of them. Main thread, except <see cref="Current"/>.
/// </summary>
/// <remarks>
/// Without layered_runtime there is no layer at all, so nothing can be changed while running; a layered_runtime without layers gets
/// one admin layer. A disk layer that cannot be read is left out of the snapshot and counted in <c>runtime.load_error</c>.
/// </remarks>
public sealed class RuntimeLayers : IDisposable
{
    private static readonly Logger Log = Logger.Get("runtime");

    private readonly RuntimeStats _stats;
    private readonly List<ConfiguredLayer> _layers = [];
    private readonly Dictionary<string, RuntimeValue> _overrides = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LayerValues> _discovered = new(StringComparer.Ordinal);
    private readonly List<SymlinkWatcher> _watchers = [];
    private readonly string _serviceCluster;
    private RuntimeSnapshot _current = RuntimeSnapshot.Empty;
    private Action<Action>? _post;

    /// <param name="config">Bootstrap.layered_runtime; null when the bootstrap has none.</param>
    /// <param name="context">Gets the faults of the configuration.</param>
    /// <param name="stats">The root; the statistics are <c>runtime.*</c>.</param>
    /// <param name="serviceCluster">The cluster of this node, for append_service_cluster.</param>
    public RuntimeLayers(LayeredRuntime? config, ConfigContext context, StatsScope stats, string serviceCluster = "")
    {
        (_stats, _serviceCluster) = (new RuntimeStats(stats), serviceCluster);
        if (config is not null) new RuntimeLayersCompiler(context, serviceCluster, _layers).Compile(config);
        Reload();
    }

    /// <summary>The newest snapshot; any thread, one volatile read.</summary>
    public RuntimeSnapshot Current => Volatile.Read(ref _current);

    /// <summary>The layers that are discovered (RTDS), in order; without values until <see cref="SetDiscovered"/>.</summary>
    internal IEnumerable<ConfiguredLayer> DiscoveredLayers => _layers.Where(static layer => layer.Kind == LayerKind.Discovered);

    public bool HasAdminLayer => _layers.Exists(static layer => layer.Kind == LayerKind.Admin);

    /// <summary>Names of the layers of the current snapshot, in order.</summary>
    public IReadOnlyList<string> LayerNames => [.. Current.Layers.Select(static layer => layer.Name)];

    /// <summary>Every key with its value per layer (in the order of <see cref="LayerNames"/>, "" where absent) and the final value; for /runtime.</summary>
    public IReadOnlyList<(string Key, string[] LayerValues, string Final)> Entries
    {
        get
        {
            var layers = Current.Layers;
            var keys = new SortedSet<string>(layers.SelectMany(static layer => layer.Values.Keys), StringComparer.Ordinal);
            return [.. keys.Select(key =>
            {
                var values = layers.Select(layer => layer.Values.GetValueOrDefault(key)?.Raw ?? "").ToArray();
                return (key, values, Array.FindLast(values, static value => value.Length > 0) ?? "");
            })];
        }
    }

    /// <summary>Sets keys of the admin layer (an empty value removes); takes effect on the next request of every worker.</summary>
    /// <exception cref="InvalidOperationException">There is no admin layer; the message is what /runtime_modify answers, with 503.</exception>
    public void Modify(IEnumerable<KeyValuePair<string, string>> changes)
    {
        if (!HasAdminLayer) throw new InvalidOperationException("No admin layer specified");
        foreach (var (key, value) in changes)
        {
            if (value.Length == 0) _overrides.Remove(key);
            else _overrides[key] = RuntimeValue.FromText(value);
        }

        _stats.AdminOverridesActive.Set(_overrides.Count == 0 ? 0 : 1);
        Reload();
    }

    /// <summary>The values of a layer that is discovered have come, or changed; an empty layer takes them away.</summary>
    internal void SetDiscovered(LayerValues values)
    {
        _discovered[values.Name] = values;
        Reload();
    }

    /// <summary>Other layers are configured, which were checked already; overrides and discovered values stay.</summary>
    internal void Change(LayeredRuntime? config, ConfigContext context)
    {
        _layers.Clear();
        if (config is not null)
            new RuntimeLayersCompiler(context, _serviceCluster, _layers).Compile(config);
        Dispose();
        if (_post is not null)
            Watch(_post);
        Reload();
    }

    /// <summary>Makes a new snapshot: reads disk layers again.</summary>
    public void Reload()
    {
        var layers = new List<LayerValues>();
        int diskLayers = 0, failures = 0;
        foreach (var layer in _layers)
        {
            switch (layer.Kind)
            {
                case LayerKind.Static:
                    layers.Add(layer.Static!);
                    break;
                case LayerKind.Admin:
                    layers.Add(new LayerValues(layer.Name, new Dictionary<string, RuntimeValue>(_overrides)));
                    break;
                case LayerKind.Discovered:
                    layers.Add(_discovered.GetValueOrDefault(layer.Name) ?? new LayerValues(layer.Name, new Dictionary<string, RuntimeValue>()));
                    break;
                case LayerKind.Disk when Directory.Exists(layer.Directory):
                    if (ReadFromDisk(layer) is not { } read)
                    {
                        failures++;
                        break;
                    }

                    layers.Add(read);
                    diskLayers++;
                    break;
            }
        }

        var snapshot = new RuntimeSnapshot(layers);
        Volatile.Write(ref _current, snapshot);
        Count(snapshot, diskLayers, failures);
    }

    /// <summary>
    /// Reads disk layers again whenever a file or link of the name of their symlink_root is moved into place.
    /// </summary>
    /// <param name="post">Runs work on the main thread; called from another thread.</param>
    public void Watch(Action<Action> post)
    {
        _post = post;
        foreach (var root in _layers.Where(static layer => layer.Kind == LayerKind.Disk).Select(static layer => layer.SymlinkRoot).Distinct())
        {
            try
            {
                _watchers.Add(new SymlinkWatcher(root, () => post(Reload)));
            }
            catch (IOException e)
            {
                // The system's limit of watches: what was read stays in force.
                Log.Warning($"unable to add filesystem watch for file {root}: {e.Message}");
            }
        }
    }

    /// <summary>A deprecated field or feature of the configuration was used.</summary>
    public void CountDeprecatedFeatureUse()
    {
        _stats.DeprecatedFeatureUse.Inc();
        _stats.DeprecatedFeatureSeenSinceProcessStart.Inc();
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers) watcher.Dispose();
        _watchers.Clear();
    }

    private static LayerValues? ReadFromDisk(ConfiguredLayer layer)
    {
        try
        {
            return DiskLayer.Read(layer.Name, layer.Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.Warning($"error loading runtime values for layer {layer.Name} from disk: {e.Message}");
            return null;
        }
    }

    private void Count(RuntimeSnapshot snapshot, int diskLayers, int failures)
    {
        _stats.NumLayers.Set(snapshot.Layers.Count);
        _stats.NumKeys.Set(snapshot.KeyCount);
        (failures == 0 ? _stats.LoadSuccess : _stats.LoadError).Inc();
        // More than one: the first is the base that the others override.
        (diskLayers > 1 ? _stats.OverrideDirExists : _stats.OverrideDirNotExists).Inc();
    }
}
