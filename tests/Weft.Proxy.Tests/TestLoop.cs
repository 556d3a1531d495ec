using System.Diagnostics;
using Weft.Net;

namespace Weft.Proxy.Tests;

/// <summary>A loop with a clock that the test moves (or, against a real server, that of the system), turned by the test itself: everything happens on one thread.</summary>
internal sealed class TestLoop : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public TestLoop() => Loop = new EventLoop("test", Time);

    public TestLoop(TimeProvider time) => Loop = new EventLoop("test", time);

    public ManualTime Time { get; } = new();

    public EventLoop Loop { get; }

    public T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Turns until the condition holds; fails the test when it does not within a generous time.</summary>
    public void Until(Func<bool> condition)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(120), "the condition did not come true");
            Loop.RunTurn(5);
        }
    }

    /// <summary>Some turns in which nothing is expected.</summary>
    public void Settle()
    {
        for (var i = 0; i < 5; i++)
            Loop.RunTurn(2);
    }

    public void AdvanceMs(long ms)
    {
        Time.AdvanceMs(ms);
        Loop.RunTurn(0);
    }

    public void Dispose()
    {
        foreach (var owned in _owned)
            owned.Dispose();
        Loop.Dispose();
    }
}
