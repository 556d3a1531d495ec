using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// Earliest deadline first over weighted entries: an entry of weight w is due every 1/w, so each gets its share, spread
/// evenly. The weight may change with every pick. O(log n) per pick, no allocation. One worker.
/// </summary>
/// <typeparam name="T">What takes turns.</typeparam>
internal sealed class EdfScheduler<T>(RandomSource random)
    where T : notnull
{
    // A binary heap by deadline; ties go to the entry that was scheduled first, so that equal weights take turns.
    private Entry[] _heap = [];
    private int _count;
    private ulong _order;

    /// <summary>The deadline that passed last.</summary>
    private double _now;

    private struct Entry
    {
        public double Deadline;
        public ulong Order;
        public T Item;

        public readonly bool IsBefore(in Entry other) =>
            Deadline < other.Deadline || (Deadline == other.Deadline && Order < other.Order);
    }

    /// <summary>The entry whose turn it is; <see cref="Reschedule"/> must follow. There must be one.</summary>
    public T Next => _heap[0].Item;

    /// <summary>Puts the entry of <see cref="Next"/> back by its weight, which must be above 0.</summary>
    public void Reschedule(double weight)
    {
        ref var top = ref _heap[0];
        _now = top.Deadline;
        top.Deadline += 1.0 / weight;
        top.Order = _order++;
        SiftDown(0);
    }

    /// <summary>Makes room for so many entries in all.</summary>
    public void Reserve(int count)
    {
        if (_heap.Length < count)
            Array.Resize(ref _heap, count);
    }

    /// <summary>Adds an entry at a random point of its period, so that workers and restarts do not all begin with the same one. O(log n).</summary>
    /// <param name="weight">Above 0.</param>
    public void Add(T item, double weight)
    {
        if (_count == _heap.Length)
            Reserve(Math.Max(4, 2 * _count));
        _heap[_count] = new Entry { Deadline = _now + random.NextDouble() / weight, Order = _order++, Item = item };
        SiftUp(_count++);
    }

    /// <summary>Takes entries out; the others keep their turns. O(n).</summary>
    public void RemoveAll(Predicate<T> isGone)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            if (!isGone(_heap[i].Item))
                _heap[kept++] = _heap[i];
        }

        Array.Clear(_heap, kept, _count - kept);
        _count = kept;
        for (var i = _count / 2 - 1; i >= 0; i--)
            SiftDown(i);
    }

    private void SiftUp(int at)
    {
        var entry = _heap[at];
        while (at > 0 && entry.IsBefore(_heap[(at - 1) / 2]))
        {
            _heap[at] = _heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }

        _heap[at] = entry;
    }

    private void SiftDown(int at)
    {
        var entry = _heap[at];
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= _count)
                break;
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child]))
                child++;
            if (!_heap[child].IsBefore(entry))
                break;
            _heap[at] = _heap[child];
            at = child;
        }

        _heap[at] = entry;
    }
}
