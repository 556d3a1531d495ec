using Weft.Net;

namespace Weft.Proxy.HttpFilters.Router.Timeouts;

/// <summary>
/// The time limits of one attempt: per try, per try without any byte, whole stream. Made with the first attempt that has a limit; pooled
/// with its attempt; worker thread.
/// </summary>
internal sealed class AttemptTimers
{
    private readonly EventLoop _loop;
    private readonly UpstreamRequest _attempt;
    private readonly LoopTimer _perTry;
    private readonly LoopTimer _idle;
    private readonly LoopTimer _duration;
    private long _idleMs;
    private long _lastActivityMs;

    public AttemptTimers(EventLoop loop, UpstreamRequest attempt)
    {
        _loop = loop;
        _attempt = attempt;
        _perTry = new LoopTimer(loop, OnPerTry);
        _idle = new LoopTimer(loop, OnIdle);
        _duration = new LoopTimer(loop, OnDuration);
    }

    /// <summary>The attempt has its connection.</summary>
    public void StartDuration(long durationMs) => _duration.Arm(durationMs);

    /// <summary>The attempt has its connection and the whole request.</summary>
    public void StartPerTry(long perTryMs, long idleMs)
    {
        if (perTryMs > 0)
            _perTry.Arm(perTryMs);
        _idleMs = idleMs;
        _lastActivityMs = _loop.NowMs;
        if (idleMs > 0)
            _idle.Arm(idleMs);
    }

    /// <summary>Some of the response has come; the timer looks at the time of it when it fires.</summary>
    public void Touch() => _lastActivityMs = _loop.NowMs;

    /// <summary>The response's head is there: what remains limited are its silence and the whole stream.</summary>
    public void OnHeaders() => _perTry.Cancel();

    public void Cancel()
    {
        _perTry.Cancel();
        _idle.Cancel();
        _duration.Cancel();
    }

    private void OnPerTry()
    {
        _idle.Cancel();
        _attempt.OnPerTryTimeout(isIdle: false);
    }

    private void OnIdle()
    {
        var idleMs = _loop.NowMs - _lastActivityMs;
        if (idleMs < _idleMs)
        {
            _idle.Arm(_idleMs - idleMs);
            return;
        }

        _perTry.Cancel();
        _attempt.OnPerTryTimeout(isIdle: true);
    }

    private void OnDuration() => _attempt.OnStreamDurationReached();
}
