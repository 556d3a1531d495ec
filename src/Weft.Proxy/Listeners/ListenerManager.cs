using Weft.Proxy.Bootstrap;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Listeners;

/// <summary>All listeners: compiles them, binds their sockets, starts and stops accepting on the workers. Main thread only.</summary>
public sealed class ListenerManager(FactoryContext context, WorkerSet workers)
{
    private readonly List<Listener> _listeners = [];

    /// <summary>In the order of configuration.</summary>
    public IReadOnlyList<Listener> Listeners => _listeners;

    /// <summary>Compiles one listener; its faults (also a failed bind) are reported in the context.</summary>
    /// <param name="bind">False in validate mode: nothing is bound.</param>
    public void Add(Envoy.Config.Listener.V3.Listener source, bool bind) => throw new NotImplementedException();

    /// <summary>Begins accepting on every worker.</summary>
    public void Start() => throw new NotImplementedException();

    /// <summary>Closes the listening sockets; connections live on. <paramref name="inboundOnly"/>: only listeners of traffic direction INBOUND.</summary>
    public void StopAccepting(bool inboundOnly) => throw new NotImplementedException();

    /// <summary>From now on responses carry <c>Connection: close</c> and idle connections are closed, spread over the drain time.</summary>
    public void Drain() => throw new NotImplementedException();

    /// <summary>Connections still open on all workers.</summary>
    public int ActiveConnections => throw new NotImplementedException();
}

/// <summary>One live listener.</summary>
public sealed class Listener
{
    public required ListenerConfig Config { get; init; }
}
