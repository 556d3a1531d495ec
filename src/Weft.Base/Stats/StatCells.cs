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

    [ThreadStatic]
    internal static long[]?[]? OwnPages;

    private static readonly Lock s_lock = new();
    private static long[]?[] s_resetBases = [];

    /// <summary>What <see cref="Sum"/> was at the last <see cref="TakeDelta"/>; pages per counter that a sink was sent.</summary>
    private static long[]?[] s_latched = [];
    private static int s_next = 1;
    private static int s_nextSingle;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(int index, long amount)
    {
        var pages = OwnPages;
        var page = index >> PageBits;
        if (pages is null || (uint)page >= (uint)pages.Length || pages[page] is not { } cells)
            cells = ThreadCells.OfThisThread().AddPage(page);
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
            sum += thread.Read(index >> PageBits, index & PageMask) >> 1;
        return sum;
    }

    internal static bool IsUsed(int index)
    {
        if (index == 0)
            return false;
        foreach (var thread in ThreadCells.All)
        {
            if (thread.Read(index >> PageBits, index & PageMask) != 0)
                return true;
        }

        return false;
    }

    /// <summary>What <see cref="Sum"/> was at the last reset: a reset never writes to another thread's cells.</summary>
    internal static long ResetBase(int index)
    {
        var pages = Volatile.Read(ref s_resetBases);
        var page = index >> PageBits;
        return page < pages.Length && pages[page] is { } bases ? Volatile.Read(ref bases[index & PageMask]) : 0;
    }

    internal static void SetResetBase(int index, long value)
    {
        lock (s_lock)
            Volatile.Write(ref Pages.Ensure(ref s_resetBases, index >> PageBits, PageSize)[index & PageMask], value);
    }

    /// <summary>What was counted since the last call; resets do not matter. Main thread.</summary>
    internal static long TakeDelta(int index)
    {
        if (index == 0)
            return 0;
        var sum = Sum(index);
        ref var latched = ref Pages.Ensure(ref s_latched, index >> PageBits, PageSize)[index & PageMask];
        var delta = sum - latched;
        latched = sum;
        return delta;
    }

    /// <summary>
    /// New indices, one behind the other. Any thread. Single ones stand on pages of their own: nearly all of them are used, so that those of
    /// one scope do not each lie alone on a page between families of thousands, of which few are.
    /// </summary>
    internal static int Allocate(int count)
    {
        lock (s_lock)
        {
            if (count == 1)
                return AllocateSingle();
            var index = s_next;
            s_next += count;
            return index;
        }
    }

    private static int AllocateSingle()
    {
        if ((s_nextSingle & PageMask) == 0)
        {
            s_nextSingle = (s_next + PageMask) & ~PageMask;
            s_next = s_nextSingle + PageSize;
        }

        return s_nextSingle++;
    }

    /// <summary>Makes an index that nobody counts in any more as good as new.</summary>
    internal static void Clear(int index)
    {
        foreach (var thread in ThreadCells.All)
            thread.Clear(index >> PageBits, index & PageMask);
        if (ResetBase(index) != 0)
            SetResetBase(index, 0);
        if (index >> PageBits < s_latched.Length && s_latched[index >> PageBits] is { } latched)
            latched[index & PageMask] = 0;
        SetCells.Clear(index);
    }
}
