namespace Weft.Base.Stats;

/// <summary>
/// Hands out indices and takes them back. A worker may hold a forgotten statistic for a while, so an index rests for
/// <see cref="RestFlushes"/> flushes, in which late counts do no harm, before it is cleared and used again. Main thread.
/// </summary>
internal sealed class IndexPool(Func<int, int> allocate, Action<int> clear)
{
    /// <summary>Flushes between giving an index back and its next use: a minute, at the default interval.</summary>
    internal const int RestFlushes = 12;

    private readonly Queue<(int Index, int Count, long FreeAt)> _resting = [];
    private readonly Dictionary<int, Stack<int>> _free = [];
    private long _flushes;

    /// <summary>The first of <paramref name="count"/> neighbouring indices.</summary>
    public int Take(int count = 1) =>
        _free.TryGetValue(count, out var free) && free.TryPop(out var index) ? index : allocate(count);

    public void Return(int index, int count = 1) => _resting.Enqueue((index, count, _flushes + RestFlushes));

    /// <summary>Frees what has rested long enough.</summary>
    public void OnFlush()
    {
        _flushes++;
        while (_resting.TryPeek(out var oldest) && oldest.FreeAt <= _flushes)
        {
            _resting.Dequeue();
            for (var i = 0; i < oldest.Count; i++)
                clear(oldest.Index + i);
            if (!_free.TryGetValue(oldest.Count, out var free))
                _free[oldest.Count] = free = [];
            free.Push(oldest.Index);
        }
    }
}
