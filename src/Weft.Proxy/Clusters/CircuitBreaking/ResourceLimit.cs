using Weft.Base.Stats;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Clusters.CircuitBreaking;

/// <summary>A counted limit; <c>circuit_breakers.PRIORITY.*_open</c> and <c>remaining_*</c> gauges read it. Any thread.</summary>
public sealed class ResourceLimit : IComputedGauge
{
    private readonly RuntimeNumber _max;
    private readonly RetryBudget? _budget;
    private readonly ResourceLimit _counting;
    private long _current;

    public ResourceLimit(long max)
        : this(new RuntimeNumber(null, "", max))
    {
    }

    /// <param name="max">The limit.</param>
    /// <param name="budget">Takes its place, where it says something.</param>
    /// <param name="former">Whose place it takes while what was acquired is not released yet: both count together. Null: none.</param>
    internal ResourceLimit(RuntimeNumber max, RetryBudget? budget = null, ResourceLimit? former = null)
    {
        _max = max;
        _budget = budget;
        _counting = former?._counting ?? this;
    }

    public long Max => _budget?.Max ?? _max.Value;

    public long Current => Volatile.Read(ref _counting._current);

    public bool IsFull => Current >= Max;

    /// <summary>The gauge <c>*_open</c>.</summary>
    long IComputedGauge.Value => IsFull ? 1 : 0;

    /// <summary>Takes one if the limit allows.</summary>
    public bool TryAcquire()
    {
        if (Interlocked.Increment(ref _counting._current) <= Max)
            return true;
        Interlocked.Decrement(ref _counting._current);
        return false;
    }

    /// <summary>Takes one beyond the limit (the one connection that a pool may always have).</summary>
    public void Acquire() => Interlocked.Increment(ref _counting._current);

    public void Release() => Interlocked.Decrement(ref _counting._current);
}
