using Weft.Base;

namespace Weft.Proxy.Clusters.LoadBalancing;

/// <summary>
/// Earliest deadline first over weighted entries: an entry of weight w is due every 1/w, so each gets its share, spread
/// evenly. The weight may change with every pick. O(log n) per pick, no allocation. One worker.
/// </summary>
internal sealed class EdfScheduler
{
    // A binary heap by deadline; ties go to the entry that was scheduled first, so that equal weights take turns.
    private readonly Entry[] _heap;
    private ulong _order;

    private struct Entry
    {
        public double Deadline;
        public ulong Order;
        public int Index;

        public readonly bool IsBefore(in Entry other) =>
            Deadline < other.Deadline || (Deadline == other.Deadline && Order < other.Order);
    }

    /// <param name="weights">Above 0.</param>
    /// <param name="random">Gives each entry a random point of its period to start at, so that workers and restarts do not all begin with the same endpoint.</param>
    public EdfScheduler(ReadOnlySpan<double> weights, RandomSource random)
    {
        _heap = new Entry[weights.Length];
        for (var i = 0; i < weights.Length; i++)
        {
            _heap[i] = new Entry { Deadline = random.NextDouble() / weights[i], Order = _order++, Index = i };
        }
        for (var i = _heap.Length / 2 - 1; i >= 0; i--)
            SiftDown(i);
    }

    /// <summary>The entry whose turn it is; <see cref="Reschedule"/> must follow.</summary>
    public int Next => _heap[0].Index;

    /// <summary>Puts the entry of <see cref="Next"/> back by its weight, which must be above 0.</summary>
    public void Reschedule(double weight)
    {
        ref var top = ref _heap[0];
        top.Deadline += 1.0 / weight;
        top.Order = _order++;
        SiftDown(0);
    }

    private void SiftDown(int at)
    {
        var entry = _heap[at];
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= _heap.Length)
                break;
            if (child + 1 < _heap.Length && _heap[child + 1].IsBefore(_heap[child]))
                child++;
            if (!_heap[child].IsBefore(entry))
                break;
            _heap[at] = _heap[child];
            at = child;
        }
        _heap[at] = entry;
    }

    /// <summary>All weights are the same: simpler ways do.</summary>
    public static bool HaveEqualWeights(ReadOnlySpan<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Weight != endpoints[0].Weight)
                return false;
        }
        return true;
    }

    public static EdfScheduler Of(Endpoint[] endpoints, RandomSource random) =>
        new(Array.ConvertAll(endpoints, static endpoint => (double)endpoint.Weight), random);
}
