using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;
using Weft.Net.Udp;
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
    private readonly ListenerManagerStats _stats;
    private readonly ListenerTurnover _turnover;
    private readonly ListenerTable _table = new();
    private readonly ListenerFactory _factory;
    private readonly ProcessConnections _connections = new();

    /// <param name="drainTimes">Of connections whose listener is replaced, removed or drained.</param>
    public ListenerManager(FactoryContext context, WorkerSet workers, DrainTimes drainTimes)
    {
        _context = context;
        _stats = new ListenerManagerStats(context.Stats);
        _factory = new ListenerFactory(context, workers, _table, _connections);
        _turnover = new ListenerTurnover(_table, context.MainLoop, workers.Workers.Length, drainTimes, _stats);
    }

    /// <summary>Those in use, in the order in which they were added.</summary>
    public IReadOnlyList<Listener> Listeners => _table.Active;

    /// <summary>Those that wait for their routes or secrets, with or without a predecessor in use.</summary>
    public IEnumerable<Listener> Warming => _table.All.Select(entry => entry.Value.Warming?.Listener).OfType<Listener>();

    /// <summary>Those that were removed or replaced, as long as they have connections.</summary>
    public IEnumerable<Listener> Draining => _turnover.Draining;

    /// <summary>Listeners accept as soon as they are in use; before that, those that a discovery service gave count as warming in <c>/config_dump</c>.</summary>
    internal bool IsStarted => _turnover.IsStarted;

    /// <summary>What each listener that waits still waits for.</summary>
    internal IEnumerable<InitManager> Unready => _table.All.Select(entry => entry.Value.Newest.Init).Where(init => !init.IsReady && init.Unready.Any());

    /// <summary>The names of those that a discovery service gave.</summary>
    public IEnumerable<string> DynamicNames => NamesOf(isDynamic: true);

    /// <summary>What those of the bootstrap are known by.</summary>
    internal IEnumerable<string> StaticNames => NamesOf(isDynamic: false);

    /// <summary>Sockets of the process before this one, while listeners are bound; null without hot restart.</summary>
    internal InheritedSockets? Inherited
    {
        get => _factory.Inherited;
        set => _factory.Inherited = value;
    }

    /// <summary>Every listening socket that is accepted from.</summary>
    internal IEnumerable<ListenSocket> OpenSockets => _table.Active.SelectMany(static listener => listener.OpenSockets);

    /// <summary>Every socket that datagrams are received from.</summary>
    internal IEnumerable<UdpListenSocket> OpenDatagramSockets => _table.Active.SelectMany(static listener => listener.OpenDatagramSockets);

    /// <summary>Connections still open on all listeners and workers.</summary>
    public long ActiveConnections => _connections.Count;

    /// <summary>Compiles one listener of the bootstrap; its faults (also a failed bind) are reported in the context.</summary>
    /// <param name="bind">False in validate mode: nothing is bound.</param>
    public void Add(ListenerMessage source, bool bind)
    {
        if (source.Name.Length > 0 && _table.Find(source.Name) is not null)
        {
            _context.Config.Error(source, "name", $"duplicate listener {source.Name} found");
            return;
        }

        if (_factory.Create(source, bind) is not { } made)
            return;
        var key = ListenerTable.KeyOf(source);
        // Several may listen on ports of the kernel's choice.
        while (_table.Find(key) is not null)
            key += "#";
        _stats.ListenerAdded.Inc();
        _turnover.Activate(_table.Add(key), made);
    }

    /// <summary>Adds a listener that runs on the main thread (the admin interface).</summary>
    internal Listener? AddOnMain(ListenerConfig config) => _factory.CreateOnMain(config);

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
        if (source.Name.Length == 0)
            config.Error(source, "name", "a listener that is discovered needs a name");
        return Update(source.Name, source, new ResourceOrigin(version, IsDynamic: true, DateTimeOffset.UtcNow), config, leaving);
    }

    /// <summary>As <see cref="Update(ListenerMessage, string, ConfigContext, IReadOnlyCollection{string})"/>, for a listener of the bootstrap that has changed or is new.</summary>
    internal bool UpdateStatic(ListenerMessage source, ConfigContext config, IReadOnlyCollection<string> leaving) =>
        Update(ListenerTable.KeyOf(source), source, ResourceOrigin.Static(DateTimeOffset.UtcNow), config, leaving);

    /// <summary>Removes a listener that a discovery service gave: it accepts no more, its connections drain. False when there is none.</summary>
    public bool Remove(string name) => Remove(name, isDynamic: true);

    /// <summary>The same for one of the bootstrap that stands there no more.</summary>
    internal bool RemoveStatic(string name) => Remove(name, isDynamic: false);

    private bool Remove(string name, bool isDynamic)
    {
        if (_table.Find(name) is not { } entry || entry.Newest.Listener.Origin.IsDynamic != isDynamic)
            return false;
        _table.Remove(name);
        _turnover.Remove(entry);
        _stats.ListenerRemoved.Inc();
        Log.Info($"removing listener {name}");
        return true;
    }

    /// <summary>Calls <paramref name="done"/> once, as soon as no listener is warming and none drains.</summary>
    internal void WhenSettled(Action done) => _turnover.WhenSettled(done);

    /// <summary>Makes the server wait for what its listeners wait for, and those that come meanwhile.</summary>
    internal void Initialize(InitManager server) => _turnover.Initialize(server);

    /// <summary>Stops and resumes accepting because the proxy is overloaded.</summary>
    internal void PauseAccepting(bool pause)
    {
        foreach (var listener in _table.Active)
            listener.PauseAccepting(pause);
    }

    /// <summary>Begins accepting on every worker.</summary>
    public void Start() => _turnover.Start();

    /// <summary>Closes the listening sockets; connections live on. <paramref name="inboundOnly"/>: only listeners of traffic direction INBOUND.</summary>
    public void StopAccepting(bool inboundOnly) => _turnover.StopAccepting(inboundOnly);

    /// <summary>From now on responses carry <c>Connection: close</c> and idle connections are closed. <paramref name="inboundOnly"/>: as above.</summary>
    /// <param name="overMs">When this is true of all, so that not every client connects again in one moment; 0: at once.</param>
    public void Drain(bool inboundOnly, long overMs)
    {
        foreach (var listener in _table.Active.Where(listener => !inboundOnly || listener.Config.IsInbound))
            listener.Drain(overMs);
    }

    /// <summary>While health checks are made to fail, responses carry <c>Connection: close</c>.</summary>
    public void FailHealthCheck(bool failed) => _turnover.FailHealthCheck(failed);

    /// <summary>Gives up listeners that were bound but never started: the configuration was refused.</summary>
    public void Unbind()
    {
        foreach (var listener in _table.Active)
            listener.Sockets.Dispose();
    }

    /// <summary>Closes every connection at once.</summary>
    public void CloseAll()
    {
        foreach (var listener in _table.Active)
            listener.CloseAll();
        _turnover.CloseDraining();
    }

    /// <summary>Gives back what removed listeners own, as far as nothing uses it any more; a timer does it otherwise.</summary>
    internal void ReleaseDrained() => _turnover.ReleaseDrained();

    private IEnumerable<string> NamesOf(bool isDynamic) => _table.All.Where(entry => entry.Value.Newest.Listener.Origin.IsDynamic == isDynamic).Select(entry => entry.Key);

    private bool Update(string key, ListenerMessage source, ResourceOrigin origin, ConfigContext config, IReadOnlyCollection<string> leaving)
    {
        var entry = _table.Find(key);
        if (entry is not null && IsUnchanged(entry.Newest.Listener, source, origin, config))
            return false;
        if (_factory.TryCreate(source, origin, config, entry, canUpdate: _turnover.IsStarted, leaving) is not { } made)
            return false;
        (entry is null ? _stats.ListenerAdded : _stats.ListenerModified).Inc();
        _turnover.Warm(entry ?? _table.Add(key), made);
        return true;
    }

    /// <summary>It is there already as it is wanted, or belongs to another: to the bootstrap, or to a discovery service.</summary>
    private static bool IsUnchanged(Listener known, ListenerMessage source, ResourceOrigin origin, ConfigContext config)
    {
        if (known.Origin.IsDynamic == origin.IsDynamic)
            return known.Config.Source.Equals(source);
        config.Warning(source, "name", $"the listener '{source.Name}' stays as {(known.Origin.IsDynamic ? "a discovery service" : "the bootstrap")} has it");
        return true;
    }
}
