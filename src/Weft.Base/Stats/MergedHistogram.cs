namespace Weft.Base.Stats;

/// <summary>A histogram as printed: what all threads recorded, merged at each <see cref="StatsStore.Flush"/>. Main thread.</summary>
public sealed class MergedHistogram
{
    /// <summary>One in which nothing was recorded.</summary>
    public MergedHistogram()
        : this(HistogramUnit.Unspecified)
    {
    }

    internal MergedHistogram(HistogramUnit unit) => (Interval, Cumulative) = (new HistogramData(unit), new HistogramData(unit));

    /// <summary>Between the last two flushes.</summary>
    public HistogramData Interval { get; }

    /// <summary>Since the start.</summary>
    public HistogramData Cumulative { get; }

    /// <summary>Takes in what is new since the last merge. The threads' 32-bit counts may have wrapped: only differences count.</summary>
    internal void Merge(int index)
    {
        Interval.Clear();
        long sum = 0;
        uint zeros = 0;
        foreach (var thread in ThreadCells.All)
        {
            if (thread.ReadHistogram(index) is not { } table)
                continue;
            sum += Volatile.Read(ref table.Sum);
            zeros += Volatile.Read(ref table.Zeros);
        }

        Take(sum, zeros);
        Span<uint> bins = stackalloc uint[HistogramBins.BinsPerDecade];
        for (var decade = 0; decade < HistogramBins.DecadeCount; decade++)
        {
            if (TrySum(index, decade, bins))
                Take(decade, bins);
        }
    }

    private void Take(long sum, uint zeros)
    {
        Interval.RawSum = sum - Cumulative.RawSum;
        Cumulative.RawSum = sum;
        var added = zeros - (uint)Cumulative.Zeros;
        if (added == 0)
            return;
        Interval.AddZeros(added);
        Cumulative.AddZeros(added);
    }

    private void Take(int decade, Span<uint> bins)
    {
        for (var bin = 0; bin < bins.Length; bin++)
        {
            var added = bins[bin] - (uint)Cumulative[decade, bin];
            if (added == 0)
                continue;
            Interval.Add(decade, bin, added);
            Cumulative.Add(decade, bin, added);
        }
    }

    private static bool TrySum(int index, int decade, Span<uint> sums)
    {
        var any = false;
        foreach (var thread in ThreadCells.All)
        {
            if (thread.ReadHistogram(index) is not { } table || Volatile.Read(ref table.Decades) is not { Length: > 0 } decades || Volatile.Read(ref decades[decade]) is not { } bins)
                continue;
            if (!any)
                sums.Clear();
            any = true;
            for (var bin = 0; bin < sums.Length; bin++)
                sums[bin] += Volatile.Read(ref bins[bin]);
        }

        return any;
    }
}
