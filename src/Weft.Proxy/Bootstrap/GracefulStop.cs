using Weft.Base.Logging;
using Weft.Net;
using Weft.Proxy.Listeners;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// Ends a proxy in order: health checks fail, listeners close, responses ask clients to close, and what runs may finish, for a bounded time.
/// Main thread.
/// </summary>
internal sealed class GracefulStop
{
    /// <summary>No longer than a request may take by default (the route timeout), whatever --drain-time-s says.</summary>
    private const long LimitMs = 15_000;

    private const long PollMs = 20;

    private readonly EventLoop _loop;
    private readonly ListenerManager _listeners;
    private readonly ServerStatus _status;
    private readonly Action _done;
    private readonly long _drainMs;
    private readonly LoopTimer _poll;
    private long _deadlineMs;

    public GracefulStop(EventLoop loop, ListenerManager listeners, ServerStatus status, uint drainTimeSeconds, Action done)
    {
        (_loop, _listeners, _status, _done) = (loop, listeners, status, done);
        _drainMs = Math.Min(drainTimeSeconds * 1000L, LimitMs);
        _poll = new LoopTimer(loop, Check);
    }

    public bool HasBegun { get; private set; }

    public void Begin()
    {
        HasBegun = true;
        _status.HealthCheckFailed = true;
        _deadlineMs = _loop.NowMs + _drainMs;
        _listeners.StopAccepting(inboundOnly: false);
        _listeners.Drain(inboundOnly: false);
        Logger.Get("main").Info($"closing and draining listeners, {_listeners.ActiveConnections} connections are open");
        // The workers hear of it in their next turn.
        _poll.Arm(PollMs);
    }

    private void Check()
    {
        var open = _listeners.ActiveConnections;
        if (open > 0 && _loop.NowMs < _deadlineMs)
        {
            _poll.Arm(PollMs);
            return;
        }
        if (open > 0)
            Logger.Get("main").Warning($"{open} connections did not finish in {_drainMs} ms and are closed");
        _done();
    }
}
