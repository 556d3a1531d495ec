using Weft.Base.Buffers;

namespace Weft.Net;

/// <summary>
/// One thread's epoll loop: sockets, timers, posted work. Everything registered with a loop is touched only on its
/// thread; <see cref="Post"/> and <see cref="Stop"/> are the only members for other threads.
/// </summary>
/// <remarks>
/// A turn: wait, read the clock once, dispatch the batch (at most 64 events), run due timers and posted work, then
/// flush every connection that was written to. Received bytes live in one scratch buffer and are dead after the callback.
/// </remarks>
public sealed class EventLoop : IDisposable
{
    /// <param name="name">Thread name, for example <c>worker_0</c> or <c>main_thread</c>.</param>
    public EventLoop(string name) => throw new NotImplementedException();

    /// <summary>Blocks of this loop's connections.</summary>
    public BufferPool Buffers => throw new NotImplementedException();

    /// <summary>Monotonic milliseconds, read once per turn.</summary>
    public long NowMs => throw new NotImplementedException();

    /// <summary>Monotonic microseconds, read once per turn.</summary>
    public long NowUs => throw new NotImplementedException();

    /// <summary>Wall-clock time of this turn, for logs and headers.</summary>
    public DateTime UtcNow => throw new NotImplementedException();

    /// <summary>Runs on the calling thread until <see cref="Stop"/>.</summary>
    public void Run() => throw new NotImplementedException();

    /// <summary>Ends <see cref="Run"/> after the current turn. Any thread.</summary>
    public void Stop() => throw new NotImplementedException();

    /// <summary>Runs <paramref name="work"/> on the loop's thread, in order. Any thread. Allocates: for control work, not for requests.</summary>
    public void Post(Action work) => throw new NotImplementedException();

    /// <summary>Runs <paramref name="work"/> at the end of this turn, before connections are flushed (for example: hand log lines over). Loop thread.</summary>
    public void AtTurnEnd(ITurnEndWork work) => throw new NotImplementedException();

    /// <summary>Watches a file descriptor, edge-triggered, for in, out and peer-closed.</summary>
    public EventRegistration Register(int fd, IEventHandler handler) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>Work to run once at the end of the current turn; must be re-added each time.</summary>
public interface ITurnEndWork
{
    void OnTurnEnd();
}

/// <summary>Readiness of one descriptor.</summary>
public interface IEventHandler
{
    void OnEvents(uint epollEvents);
}

/// <summary>A watched descriptor; a stale event after <see cref="Unregister"/> is dropped by its generation.</summary>
public readonly struct EventRegistration
{
    public void Unregister() => throw new NotImplementedException();
}
