namespace Weft.Base.Stats;

/// <summary>The values of gauges that are set as a whole, shared by all threads, each written by the one thread that owns its gauge.</summary>
internal static class SetCells
{
    private static readonly Lock s_lock = new();
    private static Cell[]?[] s_pages = [];

    internal static void Set(int index, long value)
    {
        if (index == 0)
            return;
        ref var cell = ref Find(index)[index & (StatCells.PageSize - 1)];
        Volatile.Write(ref cell.Value, value);
        cell.IsUsed = true;
    }

    internal static long Get(int index) => TryFind(index) is { } cells ? Volatile.Read(ref cells[index & (StatCells.PageSize - 1)].Value) : 0;

    internal static bool IsUsed(int index) => TryFind(index) is { } cells && cells[index & (StatCells.PageSize - 1)].IsUsed;

    internal static void Clear(int index)
    {
        if (TryFind(index) is { } cells)
            cells[index & (StatCells.PageSize - 1)] = default;
    }

    private static Cell[]? TryFind(int index)
    {
        var pages = Volatile.Read(ref s_pages);
        var page = index >> StatCells.PageBits;
        return page < pages.Length ? pages[page] : null;
    }

    private static Cell[] Find(int index)
    {
        if (TryFind(index) is { } cells)
            return cells;
        lock (s_lock)
            return Pages.Ensure(ref s_pages, index >> StatCells.PageBits, StatCells.PageSize);
    }

    private struct Cell
    {
        public long Value;
        public bool IsUsed;
    }
}
