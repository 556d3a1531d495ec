namespace Weft.Base.Stats;

/// <summary>The values of gauges that are set as a whole, shared by all threads, each written by the one thread that owns its gauge.</summary>
internal static class SetCells
{
    /// <summary>A page's values and, behind them, which of them were ever set: a bit for each.</summary>
    private const int PageLength = StatCells.PageSize + 1;

    private static readonly Lock s_lock = new();
    private static long[]?[]?[] s_blocks = [];

    internal static void Set(int index, long value)
    {
        if (index == 0)
            return;
        var page = Find(index);
        Volatile.Write(ref page[CellOf(index)], value);
        if ((Volatile.Read(ref page[^1]) & BitOf(index)) == 0)
            Interlocked.Or(ref page[^1], BitOf(index));
    }

    internal static long Get(int index) => TryFind(index) is { } page ? Volatile.Read(ref page[CellOf(index)]) : 0;

    internal static bool IsUsed(int index) => TryFind(index) is { } page && (Volatile.Read(ref page[^1]) & BitOf(index)) != 0;

    internal static void Clear(int index)
    {
        if (TryFind(index) is not { } page)
            return;
        Volatile.Write(ref page[CellOf(index)], 0);
        Interlocked.And(ref page[^1], ~BitOf(index));
    }

    private static int CellOf(int index) => index & (StatCells.PageSize - 1);

    private static long BitOf(int index) => 1L << CellOf(index);

    private static long[]? TryFind(int index) => Pages.Find(Volatile.Read(ref s_blocks), index);

    private static long[] Find(int index)
    {
        if (TryFind(index) is { } page)
            return page;
        lock (s_lock)
            return Pages.EnsureCell(ref s_blocks, index, PageLength);
    }
}
