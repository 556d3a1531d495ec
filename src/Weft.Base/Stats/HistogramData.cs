namespace Weft.Base.Stats;

/// <summary>One distribution merged over all threads: of the last interval, or of all time. Main thread.</summary>
public sealed class HistogramData
{
    /// <summary>Of values above 0; made with the first, because many histograms only ever hold zeros.</summary>
    private long[]?[] _decades = [];
    private readonly double _scale;
    private long _zeros;

    internal HistogramData(HistogramUnit unit) => _scale = unit == HistogramUnit.Percent ? Histogram.PercentScale : 1;

    /// <summary>The quantiles that Envoy prints: 0, 0.25 ... 1.</summary>
    public static ReadOnlySpan<double> Quantiles => [0, 0.25, 0.5, 0.75, 0.90, 0.95, 0.99, 0.995, 0.999, 1];

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>The sum of the values, exact.</summary>
    public double Sum => RawSum / _scale;

    internal long RawSum { get; set; }

    /// <summary>
    /// The value of each of <see cref="Quantiles"/>, interpolated within its bin; NaN when nothing was recorded.
    /// </summary>
    public void ComputeQuantiles(Span<double> values)
    {
        if (Count == 0)
        {
            values.Fill(double.NaN);
            return;
        }

        var walk = new HistogramBinWalk(this);
        walk.MoveNext();
        for (var i = 0; i < Quantiles.Length; i++)
            values[i] = walk.Interpolate(Quantiles[i] * Count) / _scale;
    }

    /// <summary>How many values lie in bins that end at or below <paramref name="bound"/>.</summary>
    public long CountBelow(double bound)
    {
        long count = 0;
        var walk = new HistogramBinWalk(this);
        while (walk.MoveNext() && walk.Lower + walk.Width <= bound * _scale)
            count += walk.Count;
        return count;
    }

    /// <summary>The bins that hold values, in ascending order.</summary>
    public IEnumerable<HistogramBin> Bins
    {
        get
        {
            if (_zeros > 0)
                yield return new HistogramBin(0, 0, _zeros);
            for (var decade = 0; decade < _decades.Length; decade++)
            {
                for (var bin = 0; _decades[decade] is { } bins && bin < bins.Length; bin++)
                {
                    if (bins[bin] > 0)
                        yield return new HistogramBin(HistogramBins.LowerBound(decade, bin) / _scale, HistogramBins.Width(decade) / _scale, bins[bin]);
                }
            }
        }
    }

    internal long Zeros => _zeros;

    internal bool HasDecade(int decade) => decade < _decades.Length && _decades[decade] is not null;

    internal long this[int decade, int bin] => decade < _decades.Length && _decades[decade] is { } bins ? bins[bin] : 0;

    internal void AddZeros(long count)
    {
        _zeros += count;
        Count += count;
    }

    internal void Add(int decade, int bin, long count)
    {
        if (_decades.Length == 0)
            _decades = new long[]?[HistogramBins.DecadeCount];
        var bins = _decades[decade] ??= new long[HistogramBins.BinsPerDecade];
        bins[bin] += count;
        Count += count;
    }

    internal void Clear()
    {
        if (Count == 0)
            return;
        foreach (var bins in _decades)
            bins?.AsSpan().Clear();
        _zeros = Count = RawSum = 0;
    }
}

/// <summary>One bin of a distribution.</summary>
/// <param name="Lower">The least value that falls into it.</param>
/// <param name="Width">How far it reaches; 0 for the bin of zeros.</param>
/// <param name="Count">Values in it.</param>
public readonly record struct HistogramBin(double Lower, double Width, long Count);
