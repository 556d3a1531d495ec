using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Stats;
using Weft.Proxy.Workers;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>
/// All listeners: compiles them, binds their sockets, starts and stops accepting on the workers. One that is added or changed while the proxy
/// runs warms first (its routes and secrets become known); then it goes on with the sockets of its predecessor, whose connections drain.
/// Main thread only.
/// </summary>
public sealed class ListenerManager
{
    private static readonly Logger Log = Logger.Get("config");

    private readonly FactoryContext _context;
    private readonly WorkerSet _workers;
    private readonly ListenerManagerStats _stats;
    private readonly DrainingListeners _draining;
    private readonly Dictionary<string, ManagedListener> _byName = new(StringComparer.Ordinal);
    private readonly List<Listener> _active = [];
    private readonly ProcessConnections _connections = new();
    private InitManager? _serverInit;
    private int _warming;
    private bool _isStarted;
    private bool _isStopped;
    private bool _isInboundStopped;
    private bool _healthCheckFailed;

    /// <param name="drainTimes">Of connections whose listener is replaced, removed or drained.</param>
    public ListenerManager(FactoryContext context, WorkerSet workers, DrainTimes drainTimes)
    {
        (_context, _workers) = (context, workers);
        _stats = new ListenerManagerStats(context.Stats);
        _draining = new DrainingListeners(context.MainLoop, drainTimes, count => _stats.TotalListenersDraining.Set(count));
    }

    /// <summary>Those in use, in the order in which they were added.</summary>
    public IReadOnlyList<Listener> Listeners => _active;

    /// <summary>Those that wait for their routes or secrets, with or without a predecessor in use.</summary>
    public IEnumerable<Listener> Warming => _byName.Values.Where(entry => entry.Warming is not null).Select(entry => entry.Warming!.Listener);

    /// <summary>What each listener that waits still waits for.</summary>
    internal IEnumerable<InitManager> Unready => _byName.Values.Select(entry => entry.Newest.Init).Where(init => !init.IsReady && init.Unready.Any());

    /// <summary>The names of those that a discovery service gave.</summary>
    public IEnumerable<string> DynamicNames => _byName.Where(entry => entry.Value.Newest.Listener.Origin.IsDynamic).Select(entry => entry.Key);

    /// <summary>Sockets of the process before this one, while listeners are bound; null without hot restart.</summary>
    internal InheritedSockets? Inherited { get; set; }

    /// <summary>Every listening socket that is accepted from.</summary>
    internal IEnumerable<ListenSocket> OpenSockets => _active.SelectMany(static listener => listener.OpenSockets);

    /// <summary>Connections still open on all listeners and workers.</summary>
    public long ActiveConnections => _connections.Count;

    /// <summary>Compiles one listener of the bootstrap; its faults (also a failed bind) are reported in the context.</summary>
    /// <param name="bind">False in validate mode: nothing is bound.</param>
    public void Add(ListenerMessage source, bool bind)
    {
        if (source.Name.Length > 0 && _byName.ContainsKey(source.Name))
        {
            _context.Config.Error(source, "name", $"duplicate listener {source.Name} found");
            return;
        }

        var init = NewInit(source);
        var lifetime = new Lifetime(_context.Stats);
        var context = _context.For(_context.Config, lifetime, init);
        if (lifetime.Make(() => ListenerConfig.Create(source, context)) is not { } config || Bind(config, [], _context.Config, bind) is not { } sockets)
            return;
        var listener = new Listener(config, _workers.Workers, sockets, new ConnectionLimits(_context.Runtime, _connections)) { Origin = ResourceOrigin.Static(DateTimeOffset.UtcNow) };
        // Those without a name cannot be changed later, so any name does.
        var entry = _byName[source.Name.Length > 0 ? source.Name : $"{config.Name}#{_byName.Count}"] = new ManagedListener();
        _stats.ListenerAdded.Inc();
        Activate(entry, new ListenerWithLifetime(listener, init, lifetime));
    }

    /// <summary>Adds a listener that runs on the main thread (the admin interface).</summary>
    internal Listener? AddOnMain(ListenerConfig config)
    {
        Worker[] main = [_workers.Main];
        return Bind(config, [], _context.Config, bind: true, main) is { } sockets
            ? new Listener(config, main, sockets, new ConnectionLimits(_context.Runtime, new ProcessConnections()))
            : null;
    }

    /// <summary>
    /// Adds or replaces a listener that a discovery service gave. It is used once its routes and secrets are known. False when nothing changes:
    /// it is there already, it stands in the bootstrap, or it has faults, which are reported in <paramref name="config"/>.
    /// </summary>
    /// <param name="source">The new configuration.</param>
    /// <param name="version">version_info of the response.</param>
    /// <param name="config">Takes the faults.</param>
    /// <param name="leaving">Names that the same response removes: their sockets may be gone on with.</param>
    public bool Update(ListenerMessage source, string version, ConfigContext config, IReadOnlyCollection<string> leaving)
    {
        var entry = _byName.GetValueOrDefault(source.Name);
        if (entry is not null && (!entry.Newest.Listener.Origin.IsDynamic || entry.Newest.Listener.Config.Source.Equals(source)))
            return false;
        if (TryMake(source, config, new ResourceOrigin(version, IsDynamic: true, DateTimeOffset.UtcNow), entry, leaving) is not { } made)
            return false;
        (entry is null ? _stats.ListenerAdded : _stats.ListenerModified).Inc();
        entry ??= _byName[source.Name] = new ManagedListener();
        Warm(entry, made);
        return true;
    }

    /// <summary>Removes a listener that a discovery service gave: it accepts no more, its connections drain. False when there is none.</summary>
    public bool Remove(string name)
    {
        if (_byName.GetValueOrDefault(name) is not { } entry || !entry.Newest.Listener.Origin.IsDynamic)
            return false;
        _byName.Remove(name);
        DropWarming(entry);
        if (entry.Active is { } active)
        {
            _active.Remove(active.Listener);
            _stats.TotalListenersActive.Set(_active.Count);
            // A successor at the same address that is not ready yet lets it go on until then.
            active.IsLeaving = _byName.Values.Any(other => other.Warming?.Predecessor == active);
            if (!active.IsLeaving)
                Retire(active);
        }

        _stats.ListenerRemoved.Inc();
        Log.Info($"removing listener {name}");
        return true;
    }

    /// <summary>Makes the server wait for what its listeners wait for, and those that come meanwhile.</summary>
    internal void Initialize(InitManager server)
    {
        _serverInit = server;
        foreach (var entry in _byName.Values)
            AwaitInServer(entry.Newest);
    }

    /// <summary>Begins accepting on every worker.</summary>
    public void Start()
    {
        (_isStarted, _serverInit) = (true, null);
        foreach (var listener in _active)
            StartOne(listener);
        _stats.WorkersStarted.Set(1);
    }

    /// <summary>Closes the listening sockets; connections live on. <paramref name="inboundOnly"/>: only listeners of traffic direction INBOUND.</summary>
    public void StopAccepting(bool inboundOnly)
    {
        _isInboundStopped = true;
        _isStopped |= !inboundOnly;
        foreach (var listener in _active.Where(listener => !inboundOnly || listener.Config.IsInbound))
        {
            if (listener.IsAccepting)
                _stats.ListenerStopped.Inc();
            listener.StopAccepting();
        }
    }

    /// <summary>From now on responses carry <c>Connection: close</c> and idle connections are closed. <paramref name="inboundOnly"/>: as above.</summary>
    /// <param name="overMs">When this is true of all, so that not every client connects again in one moment; 0: at once.</param>
    public void Drain(bool inboundOnly, long overMs)
    {
        foreach (var listener in _active.Where(listener => !inboundOnly || listener.Config.IsInbound))
            listener.Drain(overMs);
    }

    /// <summary>While health checks are made to fail, responses carry <c>Connection: close</c>.</summary>
    public void FailHealthCheck(bool failed)
    {
        _healthCheckFailed = failed;
        foreach (var listener in _active)
            listener.FailHealthCheck(failed);
    }

    /// <summary>Gives up listeners that were bound but never started: the configuration was refused.</summary>
    public void Unbind()
    {
        foreach (var listener in _active)
            listener.Sockets.Dispose();
    }

    /// <summary>Closes every connection at once.</summary>
    public void CloseAll()
    {
        foreach (var listener in _active)
            listener.CloseAll();
        _draining.CloseAll();
    }

    /// <summary>Gives back what removed listeners own, as far as nothing uses it any more; a timer does it otherwise.</summary>
    internal void ReleaseDrained() => _draining.Release();

    private static InitManager NewInit(ListenerMessage source) => new($"Listener-init-target {source.Name}");

    /// <summary>Null, with nothing left behind, when the configuration has faults.</summary>
    private ListenerWithLifetime? TryMake(ListenerMessage source, ConfigContext config, ResourceOrigin origin, ManagedListener? entry, IReadOnlyCollection<string> leaving)
    {
        if (source.Name.Length == 0)
            config.Error(source, "name", "a listener that is discovered needs a name");
        if (config.Findings.HasErrors)
            return null;
        var init = NewInit(source);
        var lifetime = new Lifetime(_context.Stats);
        try
        {
            var compiled = lifetime.Make(() => ListenerConfig.Create(source, _context.For(config, lifetime, init)));
            if (compiled is not null && !config.Findings.HasErrors && MakeListener(compiled, config, entry, leaving, out var predecessor) is { } listener)
            {
                listener.Origin = origin;
                return new ListenerWithLifetime(listener, init, lifetime) { Predecessor = predecessor };
            }
        }
        catch (Exception e) when (config.Findings.HasErrors)
        {
            // What is built from a faulty message may be missing anything; its faults are known already.
            Log.Debug($"stopped building listener {source.Name} after the first errors: {e.Message}");
        }

        lifetime.Dispose();
        return null;
    }

    private Listener? MakeListener(ListenerConfig compiled, ConfigContext config, ManagedListener? entry, IReadOnlyCollection<string> leaving, out ListenerWithLifetime? predecessor)
    {
        predecessor = null;
        IEnumerable<ListenerWithLifetime?> before = [entry?.Active, .. leaving.Select(name => _byName.GetValueOrDefault(name)?.Active)];
        foreach (var candidate in before)
        {
            if (candidate is not null && compiled.BindToPort && candidate.Listener.Config.BindToPort && candidate.Listener.Sockets.Suit(compiled))
                predecessor = candidate;
        }

        var sockets = predecessor?.Listener.Sockets ?? Bind(compiled, leaving, config, bind: true);
        return sockets is null ? null : new Listener(compiled, _workers.Workers, sockets, new ConnectionLimits(_context.Runtime, _connections));
    }

    /// <summary>Null, with a fault, when an address is taken.</summary>
    private BoundSockets? Bind(ListenerConfig config, IReadOnlyCollection<string> leaving, ConfigContext faults, bool bind, Worker[]? on = null)
    {
        on ??= _workers.Workers;
        if (Taken(config, leaving) is { } taken)
        {
            faults.Error(config.Source, "address", $"error adding listener: '{config.Name}' has duplicate address '{taken}' as existing listener");
            return null;
        }

        if (!bind || !config.BindToPort)
            return BoundSockets.None(config, on);
        try
        {
            return BoundSockets.Bind(config, on, Inherited);
        }
        catch (NetException error)
        {
            Log.Error($"error adding listener '{config.Name}': cannot bind '{config.Addresses[0]}': {NetException.Text(error.Errno)}");
            faults.Error(config.Source, "address", $"cannot bind '{config.Addresses[0]}': {NetException.Text(error.Errno)}");
            return null;
        }
    }

    /// <summary>The address that another listener has already: with SO_REUSEPORT the kernel would share it between both.</summary>
    private NetAddress? Taken(ListenerConfig config, IReadOnlyCollection<string> leaving)
    {
        if (!config.BindToPort)
            return null;
        foreach (var (name, entry) in _byName)
        {
            var other = entry.Newest.Listener.Config;
            if (name == config.Source.Name || leaving.Contains(name) || !other.BindToPort)
                continue;
            foreach (var address in config.Addresses)
            {
                if ((address.Port > 0 || address.Kind == NetAddressKind.Unix) && other.Addresses.Contains(address))
                    return address;
            }
        }

        return null;
    }

    private void Warm(ManagedListener entry, ListenerWithLifetime made)
    {
        DropWarming(entry);
        if (!_isStarted)
        {
            Activate(entry, made);
            if (_serverInit is not null)
                AwaitInServer(made);
            return;
        }

        entry.Warming = made;
        _stats.TotalListenersWarming.Set(++_warming);
        made.Init.Start(() =>
        {
            // Another update may have come meanwhile.
            if (entry.Warming != made)
                return;
            entry.Warming = null;
            _stats.TotalListenersWarming.Set(--_warming);
            Activate(entry, made);
        });
    }

    private void AwaitInServer(ListenerWithLifetime listener)
    {
        if (!listener.Init.IsStarted)
            _serverInit!.Add(listener.Init.Name, target => listener.Init.Start(target.Ready));
    }

    private void DropWarming(ManagedListener entry)
    {
        if (entry.Warming is not { } warming)
            return;
        entry.Warming = null;
        _stats.TotalListenersWarming.Set(--_warming);
        warming.Lifetime.Dispose();
        if (warming.Predecessor is null)
            warming.Listener.Sockets.Dispose();
        else if (warming.Predecessor.IsLeaving)
            Retire(warming.Predecessor);
    }

    private void Activate(ManagedListener entry, ListenerWithLifetime made)
    {
        var former = entry.Active;
        entry.Active = made;
        if (former is null)
            _active.Add(made.Listener);
        else
            _active[_active.IndexOf(former.Listener)] = made.Listener;
        _stats.TotalListenersActive.Set(_active.Count);
        if (_isStarted)
            StartAfter(made);
        if (former is not null && former != made.Predecessor)
            Retire(former);
        if (made.Predecessor is { } predecessor && (predecessor == former || predecessor.IsLeaving))
            Retire(predecessor, keepSockets: true);
        made.Predecessor = null;
    }

    private void StartAfter(ListenerWithLifetime made)
    {
        if (made.Predecessor is { Listener.IsAccepting: true } predecessor)
        {
            made.Listener.TakeOver(predecessor.Listener);
            OnStarted(made.Listener);
        }
        else
        {
            StartOne(made.Listener);
        }
    }

    private void StartOne(Listener listener)
    {
        if (_isStopped || (_isInboundStopped && listener.Config.IsInbound))
            return;
        listener.Start();
        OnStarted(listener);
    }

    private void OnStarted(Listener listener)
    {
        _stats.ListenerCreateSuccess.Add(_workers.Workers.Length);
        if (_healthCheckFailed)
            listener.FailHealthCheck(true);
    }

    /// <summary>It accepts no more, and its connections drain.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="keepSockets">They went to its successor.</param>
    private void Retire(ListenerWithLifetime listener, bool keepSockets = false)
    {
        listener.IsLeaving = false;
        if (_isStarted)
        {
            listener.Listener.StopAccepting();
            _draining.Add(listener);
            return;
        }

        if (!keepSockets)
            listener.Listener.Sockets.Dispose();
        listener.Lifetime.Dispose();
    }
}
