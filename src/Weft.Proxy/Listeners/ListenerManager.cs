using Weft.Base.Logging;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>All listeners: compiles them, binds their sockets, starts and stops accepting on the workers. Main thread only.</summary>
public sealed class ListenerManager(FactoryContext context, WorkerSet workers)
{
    private readonly List<Listener> _listeners = [];
    private readonly ProcessConnections _connections = new();

    /// <summary>In the order of configuration.</summary>
    public IReadOnlyList<Listener> Listeners => _listeners;

    /// <summary>Connections still open on all listeners and workers.</summary>
    public long ActiveConnections => _connections.Count;

    /// <summary>Compiles one listener; its faults (also a failed bind) are reported in the context.</summary>
    /// <param name="bind">False in validate mode: nothing is bound.</param>
    public void Add(Envoy.Config.Listener.V3.Listener source, bool bind) => Add(source, workers.Workers, bind);

    /// <summary>Adds a listener that runs on the main thread (the admin interface).</summary>
    internal Listener? AddOnMain(ListenerConfig config) => Add(config, [workers.Main], true, listed: false);

    private void Add(Envoy.Config.Listener.V3.Listener source, Worker[] on, bool bind)
    {
        if (_listeners.Any(listener => source.Name.Length > 0 && listener.Config.Name == source.Name))
        {
            context.Config.Error(source, "name", $"duplicate listener {source.Name} found");
            return;
        }

        if (ListenerConfig.Create(source, context) is { } config)
            Add(config, on, bind, listed: true);
    }

    private Listener? Add(ListenerConfig config, Worker[] on, bool bind, bool listed)
    {
        var listener = new Listener(config, on, new ConnectionLimits(context.Runtime, listed ? _connections : new ProcessConnections()));
        if (bind && config.BindToPort)
        {
            try
            {
                listener.Bind();
            }
            catch (NetException error)
            {
                Logger.Get("config").Error($"error adding listener '{config.Name}': cannot bind '{config.Addresses[0]}': {NetException.Text(error.Errno)}");
                context.Config.Error(config.Source, "address", $"cannot bind '{config.Addresses[0]}': {NetException.Text(error.Errno)}");
                return null;
            }
        }

        if (listed)
            _listeners.Add(listener);
        return listener;
    }

    /// <summary>Begins accepting on every worker.</summary>
    public void Start()
    {
        foreach (var listener in _listeners)
            listener.Start();
    }

    /// <summary>Closes the listening sockets; connections live on. <paramref name="inboundOnly"/>: only listeners of traffic direction INBOUND.</summary>
    public void StopAccepting(bool inboundOnly)
    {
        foreach (var listener in _listeners.Where(listener => !inboundOnly || listener.Config.IsInbound))
            listener.StopAccepting();
    }

    /// <summary>From now on responses carry <c>Connection: close</c> and idle connections are closed. <paramref name="inboundOnly"/>: as above.</summary>
    public void Drain(bool inboundOnly)
    {
        foreach (var listener in _listeners.Where(listener => !inboundOnly || listener.Config.IsInbound))
            listener.Drain();
    }

    /// <summary>While health checks are made to fail, responses carry <c>Connection: close</c>.</summary>
    public void FailHealthCheck(bool failed)
    {
        foreach (var listener in _listeners)
            listener.FailHealthCheck(failed);
    }

    /// <summary>Gives up listeners that were bound but never started: the configuration was refused.</summary>
    public void Unbind()
    {
        foreach (var listener in _listeners)
            listener.Unbind();
    }

    /// <summary>Closes every connection at once.</summary>
    public void CloseAll()
    {
        foreach (var listener in _listeners)
            listener.CloseAll();
    }
}
