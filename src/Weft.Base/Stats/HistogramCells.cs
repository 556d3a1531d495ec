namespace Weft.Base.Stats;

/// <summary>The indices of histograms: their own, so that a thread's pages of tables are dense.</summary>
internal static class HistogramCells
{
    private const int BlockSize = 4096;

    private static readonly IndexSpace s_space = new(BlockSize);

    /// <summary>New indices. Any thread.</summary>
    internal static int Allocate(int count) => s_space.Allocate(count, count == 1 ? IndexUse.Soon : IndexUse.Together);

    /// <summary>Some thread has recorded.</summary>
    internal static bool IsUsed(int index)
    {
        foreach (var thread in ThreadCells.All)
        {
            if (thread.ReadHistogram(index) is not null)
                return true;
        }

        return false;
    }

    internal static void Clear(int index)
    {
        foreach (var thread in ThreadCells.All)
            thread.ForgetHistogram(index);
    }
}
