using System.Diagnostics;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Admin;
using Weft.Proxy.Bootstrap.HotRestart;
using Weft.Proxy.Bootstrap.Reloading;
using Weft.Proxy.Bootstrap.Watchdogs;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using Weft.Proxy.Overload;
using Weft.Proxy.Stats;
using Weft.Proxy.XdsClient;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// A proxy: reads its configuration, builds everything, and lives on the thread that calls <see cref="Run"/> (the main thread). Several may
/// live in one process. <see cref="Create"/>, <see cref="Run"/> and <see cref="Dispose"/> belong to one thread; <see cref="Stop"/>, <see cref="StopNow"/>,
/// <see cref="ReopenLogs"/> and <see cref="Status"/> may be used from any.
/// </summary>
public sealed partial class Server : IServerControl, IHotRestartOwner, IDisposable
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
    private readonly GuardDog _guardDog;
    private readonly OverloadManager? _overload;
    private BootstrapReload _reload = null!;
    private BootstrapWatch? _watch;
    private StatsReport? _report;
    private DynamicResources? _dynamic;
    private Listener? _admin;
    private bool _drainsInboundOnly;
    private bool _isDraining;

    private Server(BootstrapMessage bootstrap, ServerOptions options, ConfigContext config, Succession succession)
    {
        (_options, _succession) = (options, succession);
        Status.FirstStartedAt = succession.FirstStartedAt ?? Status.StartedAt;
        _services = new ServerServices(bootstrap, options, config, Status, () => _stats?.DynamicUnknownFields.Inc());
        var loop = _services.Workers.Main.Loop;
        Clusters = new ClusterManager(_services.Factory, _services.Workers);
        _services.Factory.ClusterExists = Clusters.Exists;
        _services.Factory.OnDemandClusters = new XdsClient.OnDemand.OnDemandClusters(Clusters);
        Listeners = new ListenerManager(_services.Factory, _services.Workers, options.DrainTimes);
        var tls = _services.Factory.Secrets.TlsContexts;
        _stats = new ServerStats(
            Stats,
            () => Status.UptimeOfAllSeconds,
            () => Listeners.ActiveConnections + _stats!.ParentConnections.Value,
            () => tls.DaysUntilFirstExpires(DateTimeOffset.UtcNow),
            () => tls.SecondsUntilFirstOcspExpires(DateTimeOffset.UtcNow));
        _flush = new StatsFlush(Stats, loop, bootstrap);
        _stop = new GracefulStop(loop, Listeners, Status, OnDrained);
        foreach (var worker in _services.Workers.Workers.Append(_services.Workers.Main))
            worker.Loop.UnhandledException = OnBug;
        if (bootstrap.EnableDispatcherStats)
            DispatcherStats.Measure(_services.Workers, Stats);
        _guardDog = GuardDog.Create(bootstrap, _services.Workers, _services.Factory.Random, Stats, config);
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

    /// <summary>Serves until stopped.</summary>
    /// <returns>The exit code of the process.</returns>
    public int Run()
    {
        var loop = _services.Workers.Main.Loop;
        loop.Post(Initialize);
        Log.Info("starting main dispatch loop");
        _guardDog.Start();
        _services.Workers.Main.Run();
        _guardDog.Dispose();
        Log.Info("main dispatch loop exited");
        Listeners.CloseAll();
        _services.Workers.Stop();
        _flush.Flush();
        _report?.Tell();
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

    public void Dispose()
    {
        _guardDog.Dispose();
        _report?.Dispose();
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

    private void Initialize()
    {
        if (_stop.HasBegun)
            return;
        _stats.Concurrency.Set(_options.Concurrency);
        _stats.HotRestartEpoch.Set(_options.RestartEpoch);
        _stats.HotRestartGeneration.Set(_options.RestartEpoch + 1);
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
        // Not now: what led here, perhaps a response that holds all routes, is still in use below this call.
        _services.Workers.Main.Loop.Post(() => BecameLive?.Invoke());
    }

    private void TakeOver()
    {
        Listeners.Inherited?.Dispose();
        Listeners.Inherited = null;
        _succession.TakeOver(_services.Workers.Main.Loop, this, Stats, _stats.ParentConnections);
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
}
