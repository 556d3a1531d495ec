namespace Weft.Base.Stats;

/// <summary>
/// What one thread recorded in one histogram. The layout of values in bins is <see cref="HistogramBins"/>'s. Counts only grow
/// (and wrap at 32 bits): a reader takes differences, so nothing is ever taken away under the writer.
/// </summary>
internal sealed class HistogramTable
{
    [ThreadStatic]
    internal static HistogramTable?[]?[]? OwnPages;

    /// <summary>Counts of values that are 0.</summary>
    internal uint Zeros;

    /// <summary>The sum of all values.</summary>
    internal long Sum;

    /// <summary>Counts by decade and bin; empty as long as all values are 0. A decade is made when the first value falls into it.</summary>
    internal uint[]?[] Decades = [];

    internal static HistogramTable OfThisThread(int index)
    {
        var pages = OwnPages;
        var page = index >> StatCells.PageBits;
        if (pages is not null && (uint)page < (uint)pages.Length && pages[page] is { } tables && tables[index & (StatCells.PageSize - 1)] is { } table)
            return table;
        return ThreadCells.OfThisThread().AddHistogram(index);
    }

    internal void Record(long value)
    {
        if (value <= 0)
        {
            Zeros++;
            return;
        }

        Sum += value;
        var bin = HistogramBins.Find(value, out var decade);
        var decades = Decades;
        var bins = decades.Length == 0 ? AddDecade(decade) : decades[decade] ?? AddDecade(decade);
        bins[bin]++;
    }

    private uint[] AddDecade(int decade)
    {
        if (Decades.Length == 0)
            Volatile.Write(ref Decades, new uint[]?[HistogramBins.DecadeCount]);
        var bins = new uint[HistogramBins.BinsPerDecade];
        Volatile.Write(ref Decades[decade], bins);
        return bins;
    }
}
