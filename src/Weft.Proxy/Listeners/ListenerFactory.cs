using Weft.Base.Logging;
using Weft.Config;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;
using ListenerMessage = Envoy.Config.Listener.V3.Listener;

namespace Weft.Proxy.Listeners;

/// <summary>Makes live listeners of configured ones: compiles them and finds their sockets. Main thread.</summary>
internal sealed class ListenerFactory(FactoryContext context, WorkerSet workers, ListenerTable table, ProcessConnections connections)
{
    private static readonly Logger Log = Logger.Get("config");

    /// <summary>Sockets of the process before this one, while listeners are bound; null without hot restart.</summary>
    public InheritedSockets? Inherited { get; set; }

    /// <summary>A listener of the bootstrap; null when it cannot be used.</summary>
    /// <param name="bind">False in validate mode: nothing is bound.</param>
    public ListenerWithLifetime? Create(ListenerMessage source, bool bind)
    {
        var init = NewInit(source);
        var lifetime = new Lifetime(context.Stats);
        if (lifetime.Make(() => ListenerConfig.Create(source, context.For(context.Config, lifetime, init))) is not { } config || Bind(config, null, [], context.Config, bind) is not { } sockets)
            return null;
        var listener = new Listener(config, workers.Workers, sockets, NewLimits(connections)) { Origin = ResourceOrigin.Static(DateTimeOffset.UtcNow), Directory = table.Directory };
        return new ListenerWithLifetime(listener, init, lifetime);
    }

    /// <summary>A listener that runs on the main thread (the admin interface).</summary>
    public Listener? CreateOnMain(ListenerConfig config)
    {
        Worker[] main = [workers.Main];
        return Bind(config, null, [], context.Config, bind: true, main) is { } sockets ? new Listener(config, main, sockets, NewLimits(new ProcessConnections())) : null;
    }

    /// <summary>A listener that comes, or replaces another, while the proxy runs; null, with nothing left behind, when the configuration has faults.</summary>
    /// <param name="source">The new configuration.</param>
    /// <param name="origin">Where it came from.</param>
    /// <param name="config">Takes the faults.</param>
    /// <param name="entry">What the name stands for; null: nothing yet.</param>
    /// <param name="canUpdate">Connections of the listener in use may live on when filter chains alone change.</param>
    /// <param name="leaving">Names that the same update removes: their sockets may be gone on with.</param>
    public ListenerWithLifetime? TryCreate(
        ListenerMessage source, ResourceOrigin origin, ConfigContext config, ManagedListener? entry, bool canUpdate, IReadOnlyCollection<string> leaving)
    {
        if (config.Findings.HasErrors)
            return null;
        var former = entry?.Active;
        var updated = canUpdate && former is not null && ListenerChange.IsInPlace(former.Listener.Config.Source, source) ? former : null;
        var init = NewInit(source);
        var lifetime = new Lifetime(context.Stats);
        try
        {
            var compiled = lifetime.Make(() => ListenerConfig.Create(source, context.For(config, lifetime, init), updated?.Listener.Config.FilterChains));
            if (compiled is not null && !config.Findings.HasErrors && Connect(compiled, config, entry, leaving) is var (listener, predecessor))
            {
                listener.Origin = origin;
                return new ListenerWithLifetime(listener, init, lifetime) { Predecessor = predecessor, Updated = updated };
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

    private static InitManager NewInit(ListenerMessage source) => new($"Listener-init-target {source.Name}");

    private ConnectionLimits NewLimits(ProcessConnections process) => new(context.Runtime, process);

    /// <summary>The listener, with the sockets of a predecessor at the same addresses or its own.</summary>
    private (Listener Listener, ListenerWithLifetime? Predecessor)? Connect(
        ListenerConfig compiled, ConfigContext config, ManagedListener? entry, IReadOnlyCollection<string> leaving)
    {
        ListenerWithLifetime? predecessor = null;
        IEnumerable<ListenerWithLifetime?> before = [entry?.Active, .. leaving.Select(name => table.Find(name)?.Active)];
        foreach (var candidate in before)
        {
            if (candidate is not null && compiled.BindToPort && candidate.Listener.Config.BindToPort && candidate.Listener.Sockets.Suit(compiled))
                predecessor = candidate;
        }

        var sockets = predecessor?.Listener.Sockets ?? Bind(compiled, entry, leaving, config, bind: true);
        return sockets is null ? null : (new Listener(compiled, workers.Workers, sockets, NewLimits(connections)) { Directory = table.Directory }, predecessor);
    }

    /// <summary>Null, with a fault, when an address is taken.</summary>
    private BoundSockets? Bind(ListenerConfig config, ManagedListener? own, IReadOnlyCollection<string> leaving, ConfigContext faults, bool bind, Worker[]? on = null)
    {
        on ??= workers.Workers;
        if (table.Taken(config, own, leaving) is { } taken)
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
}
