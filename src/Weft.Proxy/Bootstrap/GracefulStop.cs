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
    private const long PollMs = 20;

    private readonly EventLoop _loop;
    private readonly ListenerManager _listeners;
    private readonly ServerStatus _status;
    private readonly Action _done;
    private readonly LoopTimer _poll;
    private long _limitMs;
    private long _deadlineMs;

    public GracefulStop(EventLoop loop, ListenerManager listeners, ServerStatus status, Action done)
    {
        (_loop, _listeners, _status, _done) = (loop, listeners, status, done);
        _poll = new LoopTimer(loop, Check);
    }

    public bool HasBegun { get; private set; }

    /// <summary>Nobody else serves in this proxy's place: health checks fail, and all clients are asked to close at once, since their next connection goes elsewhere.</summary>
    /// <param name="limitMs">How long what runs may take.</param>
    public void Begin(long limitMs)
    {
        _status.HealthCheckFailed = true;
        Drain(limitMs, spreadMs: 0);
    }

    /// <summary>Another process serves the same addresses: clients go over to it one after the other.</summary>
    /// <param name="limitMs">How long what runs may take.</param>
    /// <param name="spreadMs">When all clients have been asked to close.</param>
    public void BeginBeside(long limitMs, long spreadMs) => Drain(limitMs, spreadMs);

    private void Drain(long limitMs, long spreadMs)
    {
        HasBegun = true;
        _limitMs = limitMs;
        _deadlineMs = _loop.NowMs + limitMs;
        _listeners.StopAccepting(inboundOnly: false);
        _listeners.Drain(inboundOnly: false, spreadMs);
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
            Logger.Get("main").Warning($"{open} connections did not finish in {_limitMs} ms and are closed");
        _done();
    }
}
