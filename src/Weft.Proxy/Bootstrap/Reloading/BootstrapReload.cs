using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Clusters;
using Weft.Proxy.Listeners;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap.Reloading;

/// <summary>
/// Reads the bootstrap again (SIGHUP, --watch-config) and takes over what can change while the proxy runs; the rest is named. A file with faults
/// changes nothing. Main thread.
/// </summary>
internal sealed class BootstrapReload
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly ServerOptions _options;
    private readonly ServerServices _services;
    private readonly ClusterManager _clusters;
    private readonly ListenerManager _listeners;
    private readonly Action<BootstrapMessage, ConfigContext> _onTakenOver;
    private BootstrapMessage _running;

    /// <param name="running">What is in force.</param>
    /// <param name="onTakenOver">Gets what is in force after each change.</param>
    public BootstrapReload(
        BootstrapMessage running, ServerOptions options, ServerServices services, ClusterManager clusters, ListenerManager listeners, Action<BootstrapMessage, ConfigContext> onTakenOver)
    {
        (_running, _options, _services) = (running, options, services);
        (_clusters, _listeners, _onTakenOver) = (clusters, listeners, onTakenOver);
    }

    /// <summary>Reads, checks all of it as a start does, and takes it over.</summary>
    public void Run()
    {
        var config = new ConfigContext();
        var next = Server.ReadBootstrap(_options, config);
        if (!Server.Check(next, _options, config))
        {
            Refuse(config.Findings);
            return;
        }

        foreach (var field in BootstrapChange.NeedingRestart(_running, next))
            Log.Warning($"{_options.ConfigPath}: {field} differs from what runs, which only a restart takes over");
        _running = BootstrapChange.Apply(_running, next);
        TakeOver(config);
        foreach (var finding in config.Findings.All)
            _services.Warnings.Tell("", finding);
        _onTakenOver(_running, config);
    }

    /// <summary>What is referred to comes before what refers to it, and goes after it.</summary>
    private void TakeOver(ConfigContext config)
    {
        var resources = _running.StaticResources ?? new();
        _services.Runtime.Change(_running.LayeredRuntime, config);
        _services.Factory.Subscriptions?.UseManagementServersOf(_running);
        _services.Factory.Secrets.UpdateStatic(resources.Secrets);
        var clusters = resources.Clusters.Count(cluster => Take(config, $"cluster {cluster.Name}", context => _clusters.UpdateStatic(cluster, context)));
        var names = resources.Listeners.Select(ListenerTable.KeyOf).ToHashSet(StringComparer.Ordinal);
        var leaving = _listeners.StaticNames.Where(name => !names.Contains(name)).ToArray();
        var listeners = resources.Listeners.Count(listener => Take(config, $"listener {ListenerTable.KeyOf(listener)}", context => _listeners.UpdateStatic(listener, context, leaving)));
        foreach (var name in leaving)
            _listeners.RemoveStatic(name);
        // What the file says of a certificate may be the same, and the certificate another one.
        _services.Factory.Secrets.TlsContexts.Reread();
        var unused = UnusedClusters().Count();
        // Connections of listeners that drain still ask for the clusters that go.
        _listeners.WhenSettled(RemoveUnusedClusters);
        Log.Info($"{_options.ConfigPath} read again: {clusters} cluster(s) and {listeners} listener(s) added or changed, {unused} cluster(s) and {leaving.Length} listener(s) removed");
    }

    private bool Take(ConfigContext whole, string what, Func<ConfigContext, bool> update)
    {
        var context = new ConfigContext(whole.Origins);
        var isTaken = update(context);
        // Found by no check: an address that another process has.
        foreach (var fault in context.Findings.Errors)
            Log.Error($"{what} is not taken over: {fault}");
        foreach (var finding in context.Findings.All)
            _services.Warnings.Tell("", finding);
        return isTaken;
    }

    /// <summary>By what is in force when it is asked: another change may have come meanwhile.</summary>
    private IEnumerable<string> UnusedClusters()
    {
        var names = (_running.StaticResources?.Clusters ?? []).Select(static cluster => cluster.Name).ToHashSet(StringComparer.Ordinal);
        return _clusters.StaticNames.Where(name => !names.Contains(name));
    }

    private void RemoveUnusedClusters()
    {
        foreach (var name in UnusedClusters().ToArray())
            _clusters.RemoveStatic(name);
    }

    private void Refuse(Findings findings)
    {
        var errors = findings.Errors.ToList();
        Log.Error($"'{_options.ConfigPath}' is not taken over, everything stays as it is: {errors.Count} error(s)\n  {string.Join("\n  ", errors)}");
    }
}
