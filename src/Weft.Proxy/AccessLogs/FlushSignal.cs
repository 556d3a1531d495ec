namespace Weft.Proxy.AccessLogs;

/// <summary>
/// Wakes a flush thread. Workers only look at a flag while the thread is awake; a lock, for a moment, they need only to wake it,
/// which is once per flush at most.
/// </summary>
internal sealed class FlushSignal
{
    private readonly object _monitor = new();
    private bool _isSet;
    private int _isAsleep;

    /// <summary>Wakes the thread if it sleeps until there is something to do. Any thread; after what there is to do was published.</summary>
    public void WakeSleeper()
    {
        if (Volatile.Read(ref _isAsleep) != 0 && Interlocked.Exchange(ref _isAsleep, 0) != 0)
            Wake();
    }

    /// <summary>Wakes the thread also while it waits for time to pass. Any thread.</summary>
    public void Wake()
    {
        lock (_monitor)
        {
            _isSet = true;
            Monitor.Pulse(_monitor);
        }
    }

    /// <summary>Sleeps until woken, unless there is something to do already. Flush thread.</summary>
    public void Sleep(Func<bool> hasWork)
    {
        Volatile.Write(ref _isAsleep, 1);
        // Either a worker sees the flag behind its line, or its line is seen here: the barrier runs on every processor, so that
        // workers need none of their own.
        Interlocked.MemoryBarrierProcessWide();
        if (!hasWork())
            Wait(Timeout.Infinite);
        Volatile.Write(ref _isAsleep, 0);
        lock (_monitor)
            _isSet = false;
    }

    /// <summary>Waits for time to pass, or to be woken; true when the time has passed. Flush thread.</summary>
    public bool Wait(int milliseconds)
    {
        lock (_monitor)
        {
            var isInTime = _isSet || Monitor.Wait(_monitor, milliseconds);
            _isSet = false;
            return !isInTime;
        }
    }
}
