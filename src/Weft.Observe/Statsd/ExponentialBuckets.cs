namespace Weft.Observe.Statsd;

/// <summary>
/// The buckets of an exponential histogram, whose bounds are powers of a base that each sender chooses and changes, put into buckets that are the same for all of
/// them: two for each power of two. A finer histogram loses nothing but precision; of a coarser one each bucket goes whole to the bound that it has. Immutable.
/// </summary>
internal sealed class ExponentialBuckets
{
    /// <summary>Of the common buckets: two to the power of it are within each power of two.</summary>
    private const int Scale = 1;

    /// <summary>The largest number below infinity lies in it.</summary>
    private const int LastIndex = 2046;
    private const int FirstIndex = -2149;

    /// <summary>Beyond these there is one bucket for everything, or one for every number.</summary>
    private const int MinScale = -11, MaxScale = 62;

    private readonly SortedDictionary<int, double> _counts = [];

    /// <summary>How many values lie in each bucket, by its index.</summary>
    public IEnumerable<KeyValuePair<int, double>> Counts => _counts;

    /// <summary>Values that are zero, or below: Prometheus is told how many are at most 0, and no more of them.</summary>
    public double AtMostZero { get; private init; }

    /// <summary>The upper bound of a bucket, which belongs to it.</summary>
    public static double Bound(int index) => Math.Pow(2, (index + 1) / 2.0);

    /// <param name="scale">The base of the bounds is 2 to the power of 2 to the power of minus this.</param>
    /// <param name="offset">Index of the first of the buckets.</param>
    public static ExponentialBuckets Of(int scale, int offset, IReadOnlyList<ulong> counts, double atMostZero)
    {
        var buckets = new ExponentialBuckets { AtMostZero = atMostZero };
        for (var i = 0; i < counts.Count; i++)
        {
            if (counts[i] == 0)
                continue;
            var index = IndexOf((long)offset + i, Math.Clamp(scale, MinScale, MaxScale));
            buckets._counts[index] = buckets._counts.GetValueOrDefault(index) + counts[i];
        }

        return buckets;
    }

    private static int IndexOf(long index, int scale) =>
        (int)Math.Clamp(scale >= Scale ? index >> (scale - Scale) : ((index + 1) << (Scale - scale)) - 1, FirstIndex, LastIndex + 1);
}

/// <summary>
/// The bounds that are printed of a family of exponential histograms: the same for all of its series, so that they can be summed. There are no more than so many:
/// what lies between them goes to the next one above. Loop thread.
/// </summary>
internal sealed class ExponentialBounds
{
    public const int Max = 160;

    /// <summary>Above all bounds.</summary>
    public const int Above = int.MaxValue;

    private readonly SortedSet<int> _indexes = [];

    /// <summary>Indexes of the buckets, ascending.</summary>
    public IEnumerable<int> Indexes => _indexes;

    /// <summary>The bucket into which one goes, which is begun if there is room.</summary>
    public int Use(int index)
    {
        if (_indexes.Contains(index))
            return index;
        if (!double.IsFinite(ExponentialBuckets.Bound(index)))
            return Above;
        if (_indexes.Count < Max)
        {
            _indexes.Add(index);
            return index;
        }

        foreach (var next in _indexes)
        {
            if (next > index)
                return next;
        }

        return Above;
    }
}
