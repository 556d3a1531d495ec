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
}
