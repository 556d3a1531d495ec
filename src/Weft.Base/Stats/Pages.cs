using System.Runtime.CompilerServices;

namespace Weft.Base.Stats;

/// <summary>Tables made of pages: growing replaces the list of pages and keeps every page where it is, so that others may go on using them.</summary>
internal static class Pages
{
    /// <summary>The page at <paramref name="page"/>, made when it is missing. One writer at a time.</summary>
    internal static T[] Ensure<T>(ref T[]?[] pages, int page, int pageSize)
    {
        if (page >= pages.Length)
        {
            var larger = new T[]?[Math.Max(page + 1, pages.Length * 2)];
            pages.CopyTo(larger, 0);
            Volatile.Write(ref pages, larger);
        }

        var found = pages[page];
        if (found is null)
        {
            found = new T[pageSize];
            Volatile.Write(ref pages[page], found);
        }

        return found;
    }

    /// <summary>Indices of a block of pages.</summary>
    internal const int BlockSize = 1 << BlockBits;

    private const int BlockBits = 15;
    private const int PagesPerBlock = BlockSize >> StatCells.PageBits;

    /// <summary>The page of a cell in a table of blocks of pages; null when nobody has needed it yet. Any thread.</summary>
    internal static T[]? Find<T>(T[]?[]?[] blocks, int index)
    {
        var block = index >> BlockBits;
        return block < blocks.Length && Volatile.Read(ref blocks[block]) is { } pages ? Volatile.Read(ref pages[PageInBlock(index)]) : null;
    }

    /// <summary>As <see cref="Find"/>, for the thread that writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T[]? FindOwn<T>(T[]?[]?[] blocks, int index)
    {
        var block = index >> BlockBits;
        return (uint)block < (uint)blocks.Length && blocks[block] is { } pages ? pages[PageInBlock(index)] : null;
    }

    /// <summary>The same, made when it is missing. One writer at a time.</summary>
    internal static T[] EnsureCell<T>(ref T[]?[]?[] blocks, int index, int pageSize = StatCells.PageSize)
    {
        var pages = Ensure<T[]?>(ref blocks, index >> BlockBits, PagesPerBlock);
        return Ensure(ref pages!, PageInBlock(index), pageSize);
    }

    private static int PageInBlock(int index) => (index >> StatCells.PageBits) & (PagesPerBlock - 1);
}
