using System.Diagnostics;
using Envoy.Config.Route.V3;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Admin;
using Weft.Proxy.Bootstrap.HotRestart;
using Weft.Proxy.Bootstrap.Reloading;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Weft.Proxy.Overload;
using Weft.Proxy.Routing;
using Weft.Proxy.Stats;
using Weft.Proxy.Stats.Sinks;
using Weft.Proxy.XdsClient;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// A proxy: reads its configuration, builds everything, and lives on the thread that calls <see cref="Run"/> (the main thread). Several may
/// live in one process. <see cref="Create"/>, <see cref="Run"/> and <see cref="Dispose"/> belong to one thread; <see cref="Stop"/>, <see cref="StopNow"/>,
/// <see cref="ReopenLogs"/> and <see cref="Status"/> may be used from any.
/// </summary>
public sealed class Server : IServerControl, IHotRestartOwner, IDisposable
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly ServerOptions _options;
    private readonly ServerServices _services;
    private readonly ServerStats _stats;
    private readonly StatsFlush _flush;
    private readonly GracefulStop _stop;
    private readonly LoopTimer _drained;
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly long _version;
    private readonly Succession _succession;
    private readonly OverloadManager? _overload;
    private BootstrapReload _reload = null!;
    private BootstrapWatch? _watch;
    private DynamicResources? _dynamic;
    private Listener? _admin;
    private bool _drainsInboundOnly;
    private bool _isDraining;

    private Server(BootstrapMessage bootstrap, ServerOptions options, ConfigContext config, Succession succession)
    {
        (_options, _succession) = (options, succession);
        _services = new ServerServices(bootstrap, options, config, Status, () => _stats?.DynamicUnknownFields.Inc());
        var loop = _services.Workers.Main.Loop;
        Clusters = new ClusterManager(_services.Factory, _services.Workers);
        _services.Factory.ClusterExists = Clusters.Exists;
        _services.Factory.OnDemandClusters = new XdsClient.OnDemand.OnDemandClusters(Clusters);
        Listeners = new ListenerManager(_services.Factory, _services.Workers, options.DrainTimes);
        _stats = new ServerStats(Stats, () => Status.UptimeSeconds, () => Listeners.ActiveConnections, () => _services.Factory.Secrets.TlsContexts.DaysUntilFirstExpires(DateTimeOffset.UtcNow));
        _flush = new StatsFlush(Stats, loop, bootstrap);
        _stop = new GracefulStop(loop, Listeners, Status, OnDrained);
        foreach (var worker in _services.Workers.Workers.Append(_services.Workers.Main))
            worker.Loop.UnhandledException = OnBug;
        _drained = new LoopTimer(loop, () => Listeners.StopAccepting(_drainsInboundOnly));
        _version = bootstrap.StatsServerVersionOverride is { } version ? (long)version : VersionInfo.RevisionNumber;
        if (bootstrap.OverloadManager is { } overload)
        {
            _overload = new OverloadManagerCompiler(_services.Factory).Compile(overload);
            _overload.StopsAccepting = Listeners.PauseAccepting;
        }

        try
        {
            Load(bootstrap, config);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ServerStatus Status { get; } = new();

    public ClusterManager Clusters { get; }

    public ListenerManager Listeners { get; }

    public StatsStore Stats => _services.Stats;

    /// <summary>Answers admin requests; main thread.</summary>
    public AdminHandlers Admin { get; private set; } = null!;

    /// <summary>Where the admin interface listens; null when it does not.</summary>
    public NetAddress? AdminAddress => _admin?.BoundAddresses[0];

    /// <summary>Called once, on the main thread, when the proxy accepts connections.</summary>
    public Action? BecameLive { get; set; }

    /// <summary>Reads the configuration and builds everything; listeners are bound, but nothing runs yet. In validate mode nothing is bound.</summary>
    /// <returns>Null when the configuration cannot be used; the findings say why.</returns>
    public static Server? Create(ServerOptions options, out Findings findings)
    {
        var config = new ConfigContext();
        findings = config.Findings;
        var unknownFields = 0;
        var bootstrap = ReadBootstrap(options, config, () => unknownFields++);
        var succession = Succession.Find(ref options, findings);
        var server = Build(bootstrap, options, config, succession);
        server?._stats.StaticUnknownFields.Add(unknownFields);
        if (!findings.HasErrors)
            return server;
        server?.Listeners.Unbind();
        server?.Dispose();
        succession.Dispose();
        return null;
    }

    /// <summary>Reads the file and the text of the options; faults are reported in the context.</summary>
    /// <param name="unknownFieldPassed">Called for each unknown field that is let pass.</param>
    internal static BootstrapMessage ReadBootstrap(ServerOptions options, ConfigContext config, Action? unknownFieldPassed = null)
    {
        var read = new ReadOptions { UnknownFields = options.UnknownStaticFields, UnknownFieldPassed = unknownFieldPassed, AllowUnimplemented = options.AllowUnimplemented };
        return ConfigReader.Read<BootstrapMessage>(NullIfEmpty(options.ConfigPath), NullIfEmpty(options.ConfigYaml), read, config);
    }

    /// <summary>Whether a proxy could be made of it; the faults are reported in the context. Nothing is bound.</summary>
    internal static bool Check(BootstrapMessage bootstrap, ServerOptions options, ConfigContext config)
    {
        options = options with { Mode = ServerMode.Validate, Concurrency = 1 };
        using var server = Build(bootstrap, options, config, Succession.Find(ref options, config.Findings));
        return !config.Findings.HasErrors;
    }

    /// <summary>Compiles a route table that stands in a file of its own; null, with what is wrong written out, when it cannot be used.</summary>
    internal RouteTable? LoadRoutes(string path, TextWriter error)
    {
        var context = _services.Factory.Config;
        var config = ConfigReader.Read<RouteConfiguration>(path, null, new ReadOptions { AllowUnimplemented = _options.AllowUnimplemented }, context);
        var table = RouteTable.Create(config, _services.Factory);
        foreach (var line in FindingsReport.Lines(context.Findings, _options))
            error.WriteLine(line);
        return context.Findings.HasErrors ? null : table;
    }

    /// <summary>Serves until stopped.</summary>
    /// <returns>The exit code of the process.</returns>
    public int Run()
    {
        var loop = _services.Workers.Main.Loop;
        loop.Post(Initialize);
        Log.Info("starting main dispatch loop");
        _services.Workers.Main.Run();
        Log.Info("main dispatch loop exited");
        Listeners.CloseAll();
        _services.Workers.Stop();
        _flush.Flush();
        return 0;
    }

    /// <summary>Begins a graceful stop; a second call ends the proxy at once.</summary>
    public void Stop() => _services.Workers.Main.Loop.Post(() =>
    {
        if (_stop.HasBegun)
        {
            StopNow();
            return;
        }
        _stop.Begin(_options.StopLimitMs);
        PublishState();
    });

    /// <summary>Ends the proxy without waiting for what runs.</summary>
    public void StopNow() => _services.Workers.Main.Loop.Stop();

    public void ReopenLogs()
    {
        _services.AccessLogFiles.Reopen();
        LogRegistry.Process.Output.Reopen();
    }

    /// <summary>Reads the bootstrap again and takes over what can change while the proxy runs; when it is not live yet, nothing happens. Any thread.</summary>
    public void Reload() => _services.Workers.Main.Loop.Post(() =>
    {
        if (Status.State == ServerState.Live && !_stop.HasBegun)
            _reload.Run();
        else
            Log.Warning("the configuration is not read again: the proxy is not live");
    });

    void IServerControl.Shutdown() => Stop();

    void IServerControl.FailHealthCheck(bool fail)
    {
        Status.HealthCheckFailed = fail;
        Listeners.FailHealthCheck(fail);
        PublishState();
    }

    void IServerControl.DrainListeners(bool inboundOnly, bool graceful, bool skipExit)
    {
        if (!graceful)
        {
            Listeners.StopAccepting(inboundOnly);
            return;
        }
        // A drain that covers this one is under way already.
        if (_isDraining && (inboundOnly || !_drainsInboundOnly))
            return;
        (_isDraining, _drainsInboundOnly) = (true, inboundOnly);
        Listeners.Drain(inboundOnly, _options.DrainTimes.SpreadMs);
        if (!skipExit)
            _drained.Arm(_options.DrainTimes.LimitMs);
    }

    IReadOnlyList<ListenSocket> IHotRestartOwner.ListeningSockets => [.. Listeners.OpenSockets, .. _admin?.OpenSockets ?? []];

    void IHotRestartOwner.Post(Action work) => _services.Workers.Main.Loop.Post(work);

    void IHotRestartOwner.HandOver()
    {
        Log.Info("a new process has taken over the listening sockets: draining");
        _admin?.StopAccepting();
        _stop.BeginBeside(_options.ParentShutdownTimeSeconds * 1000L, _options.DrainTimes.SpreadMs);
        PublishState();
    }

    void IHotRestartOwner.EndNow() => StopNow();

    public void Dispose()
    {
        _watch?.Dispose();
        _succession.Dispose();
        _flush.Dispose();
        _overload?.Dispose();
        Clusters.Dispose();
        _services.Dispose();
    }

    /// <summary>The sinks get the last numbers while the loop can still send them.</summary>
    private void OnDrained()
    {
        _flush.Flush();
        _services.Workers.Main.Loop.Stop();
    }

    private static Server? Build(BootstrapMessage bootstrap, ServerOptions options, ConfigContext config, Succession succession)
    {
        try
        {
            return new Server(bootstrap, options, config, succession);
        }
        catch (Exception e) when (config.Findings.HasErrors)
        {
            // What is built from a faulty file may be missing anything; its faults are known already.
            Logger.Get("config").Debug($"stopped building after the first errors: {e.Message}");
            return null;
        }
    }

    private void Load(BootstrapMessage bootstrap, ConfigContext config)
    {
        var bind = _options.Mode != ServerMode.Validate;
        if (bind)
        {
            ApplicationLog.Apply(bootstrap, _options, LogRegistry.Process, config);
            Log.Info($"initializing epoch {_options.RestartEpoch} (base id={_options.BaseId}, hot restart version={_options.HotRestartVersion})");
        }
        Listeners.Inherited = bind ? _succession.TakeSockets() : null;
#pragma warning disable CS0612 // deprecated by tracing.provider of the connection manager, and still in use
        _services.Factory.Tracers.Default = bootstrap.Tracing?.Http;
#pragma warning restore CS0612
        var resources = bootstrap.StaticResources ?? new();
        if (bind)
            Log.Info($"loading {resources.Clusters.Count} cluster(s) and {resources.Listeners.Count} listener(s)");
        _services.Factory.Secrets.AddStatic(resources.Secrets, config);
        foreach (var cluster in resources.Clusters)
            Clusters.Add(cluster);
        if (bootstrap.ClusterManager is { } manager)
            Clusters.CheckLocalCluster(manager);
        _flush.Sinks = StatsSinkRegistry.Create(bootstrap.StatsSinks, new StatsSinkContext
        {
            Node = _services.Node,
            Factory = _services.Factory,
            StatsConfig = _services.StatsConfig,
            Main = _services.Workers.Main,
            Clusters = () => Clusters.Clusters,
            FlushIntervalMs = _flush.IntervalMs,
        });
        foreach (var listener in resources.Listeners)
            Listeners.Add(listener, bind);
        _dynamic = new DynamicResources(bootstrap, Clusters, Listeners, _services.Factory);
        LoadAdmin(bootstrap, config, bind);
    }

    private void LoadAdmin(BootstrapMessage bootstrap, ConfigContext config, bool bind)
    {
        var context = new AdminContext
        {
            Options = _options,
            Status = Status,
            Control = this,
            Node = _services.Node,
            Stats = Stats,
            StatsConfig = _services.StatsConfig,
            FlushStats = bootstrap.StatsFlushOnAdmin ? _flush.Flush : null,
            SinkEndpoints = _flush.Sinks.SelectMany(sink => sink.Endpoints),
            Runtime = _services.Runtime,
            Clusters = () => Clusters.Clusters,
            Listeners = () => Listeners.Listeners,
            Dynamic = _dynamic,
            WarmingClusters = () => Clusters.Warming,
            WarmingListeners = () => Listeners.Warming,
            DiscoveredRoutes = _services.Factory.DiscoveredRoutes,
            ScopedRoutes = _services.Factory.ScopedRoutes,
            Extensions = _services.Factory.Extensions,
            UnreadyListeners = () => Listeners.Unready,
            Secrets = _services.Factory.Secrets,
            TlsContexts = _services.Factory.Secrets.TlsContexts,
            Configuration = DumpOf(bootstrap, config, Status.StartedAt),
        };
        Admin = new AdminHandlers(context);
        _reload = new BootstrapReload(bootstrap, _options, _services, Clusters, Listeners, (changed, origins) => context.Configuration = DumpOf(changed, origins, DateTimeOffset.UtcNow));
        if (bootstrap.Admin is not null)
            _admin = AdminListener.Create(bootstrap.Admin, Admin, _services.Factory, Listeners, bind);
        if (!bind)
            return;
        Log.Info(AdminAddress is { } address ? $"admin address: {address}" : "No admin address given, so no admin HTTP server started.");
        AddressFiles.Write(_options, AdminAddress);
    }

    private ConfigDumpSource DumpOf(BootstrapMessage bootstrap, ConfigContext config, DateTimeOffset at)
    {
        var dumped = bootstrap.Clone();
        dumped.Node = _services.Node;
        return new ConfigDumpSource(dumped, StaticRoutes.Of(bootstrap.StaticResources?.Listeners ?? [], config), at);
    }

    private void Initialize()
    {
        if (_stop.HasBegun)
            return;
        _stats.Concurrency.Set(_options.Concurrency);
        _stats.HotRestartEpoch.Set(_options.RestartEpoch);
        _stats.Version.Set(_version);
        PublishState();
        _admin?.Start();
        _flush.Start();
        _overload?.Start();
        _dynamic!.InitializeClusters(OnClustersInitialized);
    }

    private void OnClustersInitialized()
    {
        if (_stop.HasBegun)
            return;
        Log.Info("all clusters initialized. initializing init manager");
        Status.Advance(ServerState.Initializing);
        PublishState();
        _dynamic!.InitializeListeners(OnListenersInitialized);
    }

    private void OnListenersInitialized()
    {
        if (_stop.HasBegun)
            return;
        Listeners.Start();
        Log.Info("all dependencies initialized. starting workers");
        _services.Workers.Start();
        Status.Advance(ServerState.Live);
        _stats.InitializationTimeMs.Record(_sinceStart.ElapsedMilliseconds);
        PublishState();
        if (_options.Mode == ServerMode.InitOnly)
            StopNow();
        else
            TakeOver();
        if (_options.WatchConfig && _options.ConfigPath.Length > 0)
            _watch = new BootstrapWatch(_options.ConfigPath, _services.Workers.Main.Loop, Reload);
        BecameLive?.Invoke();
    }

    private void TakeOver()
    {
        Listeners.Inherited?.Dispose();
        Listeners.Inherited = null;
        _succession.TakeOver(_services.Workers.Main.Loop, this);
    }

    /// <summary>A callback threw: our bug. Any loop's thread.</summary>
    private void OnBug(Exception exception)
    {
        _stats.EnvoyBugFailures.Inc();
        Log.Critical($"unexpected failure, please report it: {exception}");
    }

    private void PublishState()
    {
        _stats.Live.Set(Status.State == ServerState.Live ? 1 : 0);
        _stats.State.Set((long)Status.State);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
