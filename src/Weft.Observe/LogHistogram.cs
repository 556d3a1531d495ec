namespace Weft.Observe;

/// <summary>
/// A distribution of positive numbers in bins of a sixteenth of a power of two, so that a quantile is right to 3 % whatever the unit; takes memory only for
/// bins that hold something. One thread.
/// </summary>
internal sealed class LogHistogram
{
    /// <summary>Of the bits of a double, those above the bin: sign, exponent and four of the fraction.</summary>
    private const int BinShift = 48;
    private const double Least = 1e-9;
    private const double Most = 1e15;

    private readonly SortedDictionary<int, long> _bins = [];

    public long Count { get; private set; }

    public double Sum { get; private set; }

    public double Max { get; private set; }

    /// <summary>Adds a value (0 and below: as the least) so many times.</summary>
    public void Add(double value, long times = 1)
    {
        if (double.IsNaN(value) || times <= 0)
            return;
        var bin = (int)(BitConverter.DoubleToInt64Bits(Math.Clamp(value, Least, Most)) >> BinShift);
        _bins[bin] = _bins.GetValueOrDefault(bin) + times;
        Count += times;
        Sum += value * times;
        Max = Math.Max(Max, value);
    }

    public void Add(LogHistogram other)
    {
        foreach (var (bin, count) in other._bins)
            _bins[bin] = _bins.GetValueOrDefault(bin) + count;
        Count += other.Count;
        Sum += other.Sum;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The value below which this share lies, 0 to 1; NaN when there is none.</summary>
    public double Quantile(double share)
    {
        if (Count == 0)
            return double.NaN;
        if (share >= 1)
            return Max;
        var rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long below = 0;
        foreach (var (bin, count) in _bins)
        {
            below += count;
            if (below < rank)
                continue;
            var lower = BitConverter.Int64BitsToDouble((long)bin << BinShift);
            var upper = BitConverter.Int64BitsToDouble((long)(bin + 1) << BinShift);
            return Math.Min(upper <= Least * 2 ? 0 : (lower + upper) / 2, Max);
        }

        return Max;
    }

    public void Clear()
    {
        _bins.Clear();
        (Count, Sum, Max) = (0, 0, 0);
    }
}
