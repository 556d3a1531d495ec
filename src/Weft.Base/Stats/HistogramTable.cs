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

    /// <summary>Counts by decade and bin; a decade is made when the first value falls into it.</summary>
    internal readonly uint[]?[] Decades = new uint[]?[HistogramBins.DecadeCount];

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
        var bins = Decades[decade] ?? AddDecade(decade);
        bins[bin]++;
    }

    private uint[] AddDecade(int decade)
    {
        var bins = new uint[HistogramBins.BinsPerDecade];
        Volatile.Write(ref Decades[decade], bins);
        return bins;
    }
}
