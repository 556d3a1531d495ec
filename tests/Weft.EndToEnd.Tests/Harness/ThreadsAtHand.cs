using System.Runtime.CompilerServices;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>
/// The servers of the tests run on the thread pool of this process, which has a thread per core at first and more of them only seconds later. A test
/// that waits for a command of the system keeps one busy: without others at hand, the servers of the test beside it would stand still meanwhile.
/// </summary>
internal static class ThreadsAtHand
{
    private const int Count = 64;

    [ModuleInitializer]
    internal static void Provide() => ThreadPool.SetMinThreads(Count, Count);
}
