namespace Weft.Base.Stats;

/// <summary>
/// One thread's cells and histogram tables. Its thread writes; any thread reads. When the thread has ended the next new
/// thread takes them over, so that nothing counted is lost and short-lived threads do not pile up.
/// </summary>
internal sealed class ThreadCells
{
    [ThreadStatic]
    private static ThreadCells? t_own;

    private static readonly Lock s_lock = new();
    private static ThreadCells[] s_all = [];

    private Thread _thread = Thread.CurrentThread;
    private long[]?[]?[] _blocks = [];
    private HistogramTable?[]?[] _histograms = [];

    /// <summary>The cells of all threads.</summary>
    internal static ThreadCells[] All => Volatile.Read(ref s_all);

    internal static ThreadCells OfThisThread() => t_own ??= Adopt();

    /// <summary>The page of a cell, made when it is missing. Its own thread.</summary>
    internal long[] AddPage(int index)
    {
        var cells = Pages.EnsureCell(ref _blocks, index);
        StatCells.OwnBlocks = _blocks;
        return cells;
    }

    internal HistogramTable AddHistogram(int index)
    {
        var page = Pages.Ensure(ref _histograms, index >> StatCells.PageBits, StatCells.PageSize);
        HistogramTable.OwnPages = _histograms;
        return page[index & (StatCells.PageSize - 1)] ??= new HistogramTable();
    }

    internal long Read(int index) => Pages.Find(Volatile.Read(ref _blocks), index) is { } cells ? Volatile.Read(ref cells[index & (StatCells.PageSize - 1)]) : 0;

    internal void Clear(int index)
    {
        if (Pages.Find(Volatile.Read(ref _blocks), index) is { } cells)
            Volatile.Write(ref cells[index & (StatCells.PageSize - 1)], 0);
    }

    internal HistogramTable? ReadHistogram(int index)
    {
        var pages = Volatile.Read(ref _histograms);
        var page = index >> StatCells.PageBits;
        return page < pages.Length && Volatile.Read(ref pages[page]) is { } tables ? Volatile.Read(ref tables[index & (StatCells.PageSize - 1)]) : null;
    }

    internal void ForgetHistogram(int index)
    {
        var pages = Volatile.Read(ref _histograms);
        var page = index >> StatCells.PageBits;
        if (page < pages.Length && Volatile.Read(ref pages[page]) is { } tables)
            Volatile.Write(ref tables[index & (StatCells.PageSize - 1)], null);
    }

    private static ThreadCells Adopt()
    {
        lock (s_lock)
        {
            foreach (var cells in s_all)
            {
                if (cells._thread.IsAlive)
                    continue;
                cells._thread = Thread.CurrentThread;
                return cells;
            }

            var added = new ThreadCells();
            Volatile.Write(ref s_all, [.. s_all, added]);
            return added;
        }
    }
}
