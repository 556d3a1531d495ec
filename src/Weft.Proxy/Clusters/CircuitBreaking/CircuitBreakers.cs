namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>The limits of one cluster, by priority; counts are shared by all workers (atomics), as in Envoy.</summary>
public sealed class CircuitBreakers
{
    public required CircuitBreaker Default { get; init; }

    public required CircuitBreaker High { get; init; }

    public CircuitBreaker this[int priority] => priority == 0 ? Default : High;
}

/// <summary>One priority's limits: connections, pending requests, requests, retries (defaults 1024, 1024, 1024, 3).</summary>
public sealed class CircuitBreaker
{
    public required ResourceLimit Connections { get; init; }
    public required ResourceLimit PendingRequests { get; init; }
    public required ResourceLimit Requests { get; init; }
    public required ResourceLimit Retries { get; init; }
}

/// <summary>A counted limit; <c>circuit_breakers.PRIORITY.*_open</c> and <c>remaining_*</c> gauges read it. Any thread.</summary>
public sealed class ResourceLimit(long max)
{
    private long _current;

    public long Max { get; } = max;

    public long Current => Volatile.Read(ref _current);

    public bool IsFull => Current >= Max;

    /// <summary>Takes one if the limit allows.</summary>
    public bool TryAcquire()
    {
        if (Interlocked.Increment(ref _current) <= Max)
            return true;
        Interlocked.Decrement(ref _current);
        return false;
    }

    /// <summary>Takes one beyond the limit (the one connection that a pool may always have).</summary>
    public void Acquire() => Interlocked.Increment(ref _current);

    public void Release() => Interlocked.Decrement(ref _current);
}
