using Weft.Proxy.Runtime;

namespace Weft.Proxy.Listeners;

/// <summary>
/// The limits on open downstream connections: per listener (runtime key) and for the whole process
/// (the overload manager's monitor, else the runtime key <c>overload.global_downstream_max_connections</c>). Counts are atomics shared by all workers.
/// </summary>
public sealed class ConnectionLimits(RuntimeLayers runtime, ProcessConnections process)
{
    private long _active;

    /// <summary>Connections open on this listener, all workers.</summary>
    public long Active => Volatile.Read(ref _active);

    /// <summary>Counts one more connection; false, with a counter, when a limit forbids it.</summary>
    internal bool TryAcquire(ListenerConfig config)
    {
        var snapshot = runtime.Current;
        if (Interlocked.Increment(ref _active) > (long)snapshot.GetInteger(config.ConnectionLimitKey, long.MaxValue))
        {
            Interlocked.Decrement(ref _active);
            config.Stats.DownstreamCxOverflow.Inc();
            return false;
        }

        var global = Interlocked.Increment(ref process.Active);
        if (!config.IgnoreGlobalLimit && global > (config.Overload.MaxConnections ?? (long)snapshot.GetInteger("overload.global_downstream_max_connections", long.MaxValue)))
        {
            Interlocked.Decrement(ref process.Active);
            Interlocked.Decrement(ref _active);
            config.Stats.DownstreamGlobalCxOverflow.Inc();
            return false;
        }

        return true;
    }

    /// <summary>A connection lives on with another listener, whatever that one's limit says.</summary>
    internal void MoveTo(ConnectionLimits successor)
    {
        Interlocked.Increment(ref successor._active);
        Interlocked.Decrement(ref _active);
    }

    internal void Release()
    {
        Interlocked.Decrement(ref process.Active);
        Interlocked.Decrement(ref _active);
    }
}

/// <summary>Open downstream connections of all listeners of a server.</summary>
public sealed class ProcessConnections
{
    internal long Active;

    public long Count => Volatile.Read(ref Active);
}
