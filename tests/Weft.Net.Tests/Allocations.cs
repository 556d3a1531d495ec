namespace Weft.Net.Tests;

internal static class Allocations
{
    /// <summary>
    /// Managed bytes that an action allocates in steady state: the least of three runs, because the runtime itself may allocate a few bytes
    /// once, when it replaces code by a faster version.
    /// </summary>
    public static long Of(Action action)
    {
        action();
        var least = long.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }
}
