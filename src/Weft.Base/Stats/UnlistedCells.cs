namespace Weft.Base.Stats;

/// <summary>Counters and gauges without names, which only their owner reads: see <see cref="StatsStore.TakeUnlisted"/>. A default value counts nothing.</summary>
public readonly struct UnlistedCells
{
    private readonly IndexPool? _pool;
    private readonly int _first;
    private readonly int _count;

    internal UnlistedCells(IndexPool pool, int count) => (_pool, _first, _count) = (pool, pool.Take(count), count);

    public Counter Counter(int which) => _pool is null ? default : new Counter(_first + which);

    public Gauge Gauge(int which) => _pool is null ? default : new Gauge(_first + which);

    /// <summary>Gives them back, once, when nothing counts in them any more. Main thread.</summary>
    public void Return() => _pool?.Return(_first, _count);
}
