namespace Weft.Base.Stats;

/// <summary>The indices of histograms: their own, so that a thread's pages of tables are dense.</summary>
internal static class HistogramCells
{
    private static int s_last;

    /// <summary>New indices. Any thread.</summary>
    internal static int Allocate(int count) => Interlocked.Add(ref s_last, count) - count + 1;

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
