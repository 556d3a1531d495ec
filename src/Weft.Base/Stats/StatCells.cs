using System.Runtime.CompilerServices;

namespace Weft.Base.Stats;

/// <summary>
/// The cells behind counters and gauges. Each thread has its own pages of 64 cells, made when it first counts in them; a
/// cell is written by its thread only and read by anyone. Adding statistics makes new pages and never moves a cell.
/// </summary>
/// <remarks>
/// A cell holds the number times two, and in its lowest bit whether it was ever written: "used" costs no second store.
/// Index 0 is nobody's: default statistics count there.
/// </remarks>
internal static class StatCells
{
    internal const int PageBits = 6;
    internal const int PageSize = 1 << PageBits;
    private const int PageMask = PageSize - 1;

    /// <summary>This thread's cells, in pages, and pages in blocks.</summary>
    [ThreadStatic]
    internal static long[]?[]?[]? OwnBlocks;

    /// <summary>Families of no more members are used as soon as they are made.</summary>
    private const int MaxSoon = 16;

    /// <summary>Of families with more members few are ever counted.</summary>
    private const int MaxTogether = 256;

    private static readonly Lock s_lock = new();
    private static readonly IndexSpace s_space = new(Pages.BlockSize);
    private static long[]?[]?[] s_resetBases = [];

    /// <summary>What <see cref="Sum"/> was at the last <see cref="TakeDelta"/>; pages per counter that a sink was sent.</summary>
    private static long[]?[]?[] s_latched = [];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(int index, long amount)
    {
        var blocks = OwnBlocks;
        if (blocks is null || Pages.FindOwn(blocks, index) is not { } cells)
            cells = ThreadCells.OfThisThread().AddPage(index);
        ref var cell = ref cells[index & PageMask];
        cell = (cell + (amount << 1)) | 1;
    }

    /// <summary>The sum over all threads since the index was handed out.</summary>
    internal static long Sum(int index)
    {
        if (index == 0)
            return 0;
        long sum = 0;
        foreach (var thread in ThreadCells.All)
            sum += thread.Read(index) >> 1;
        return sum;
    }

    internal static bool IsUsed(int index)
    {
        if (index == 0)
            return false;
        foreach (var thread in ThreadCells.All)
        {
            if (thread.Read(index) != 0)
                return true;
        }

        return false;
    }

    /// <summary>What <see cref="Sum"/> was at the last reset: a reset never writes to another thread's cells.</summary>
    internal static long ResetBase(int index) =>
        Pages.Find(Volatile.Read(ref s_resetBases), index) is { } bases ? Volatile.Read(ref bases[index & PageMask]) : 0;

    internal static void SetResetBase(int index, long value)
    {
        lock (s_lock)
            Volatile.Write(ref Pages.EnsureCell(ref s_resetBases, index)[index & PageMask], value);
    }

    /// <summary>What was counted since the last call; resets do not matter. Main thread.</summary>
    internal static long TakeDelta(int index)
    {
        if (index == 0)
            return 0;
        var sum = Sum(index);
        ref var latched = ref Pages.EnsureCell(ref s_latched, index)[index & PageMask];
        var delta = sum - latched;
        latched = sum;
        return delta;
    }

    /// <summary>New indices, one behind the other. Any thread.</summary>
    internal static int Allocate(int count) =>
        s_space.Allocate(count, count <= MaxSoon ? IndexUse.Soon : count <= MaxTogether ? IndexUse.Together : IndexUse.Sparsely);

    /// <summary>The same for numbers without names, of which there are many that nobody counts in for long. Any thread.</summary>
    internal static int AllocateUnlisted(int count) => s_space.Allocate(count, IndexUse.Together);

    /// <summary>Makes an index that nobody counts in any more as good as new.</summary>
    internal static void Clear(int index)
    {
        foreach (var thread in ThreadCells.All)
            thread.Clear(index);
        if (ResetBase(index) != 0)
            SetResetBase(index, 0);
        if (Pages.Find(s_latched, index) is { } latched)
            latched[index & PageMask] = 0;
        SetCells.Clear(index);
    }
}
