using Weft.Net;

namespace Weft.Proxy.XdsClient.OnDemand;

/// <summary>One request of a worker that waits until the main thread has discovered what it lacks.</summary>
/// <param name="worker">The loop of the request.</param>
/// <param name="done">Called there once, unless it is cancelled: whether what it waits for is there now.</param>
internal sealed class OnDemandWait(EventLoop worker, Action<bool> done)
{
    private int _isOver;

    /// <summary>Nobody waits any longer. Any thread.</summary>
    public bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>The request has gone. Its worker.</summary>
    public void Cancel() => Volatile.Write(ref _isOver, 1);

    /// <summary>It has come, or will not. Main thread; further calls do nothing.</summary>
    public void Complete(bool isFound) => worker.Post(() =>
    {
        if (Interlocked.Exchange(ref _isOver, 1) == 0)
            done(isFound);
    });
}
