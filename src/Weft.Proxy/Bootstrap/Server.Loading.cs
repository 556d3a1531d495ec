using Envoy.Config.Route.V3;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Admin;
using Weft.Proxy.Bootstrap.HotRestart;
using Weft.Proxy.Bootstrap.Reloading;
using Weft.Proxy.Routing;
using Weft.Proxy.Stats.Sinks;
using Weft.Proxy.XdsClient;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <content>From the bootstrap to everything that is built of it.</content>
public sealed partial class Server
{
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
        BootstrapExtensions.Apply(bootstrap, _services.Factory, _services.Workers);
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
            DrainingListeners = () => Listeners.Draining,
            AreListenersStarted = () => Listeners.IsStarted,
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

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
