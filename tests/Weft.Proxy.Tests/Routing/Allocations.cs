namespace Weft.Proxy.Tests.Routing;

/// <summary>Counts what a piece of code allocates in its steady state.</summary>
internal static class Allocations
{
    /// <summary>Bytes per thousand runs, after as many to get everything ready.</summary>
    public static long Of(Action work)
    {
        for (var i = 0; i < 1000; i++) work();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
