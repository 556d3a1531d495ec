using Weft.Net;

namespace Weft.XdsServer;

/// <summary>Finds out that a client takes nothing of what waits for it, for a whole time limit. Loop thread.</summary>
internal sealed class ReadingWatch
{
    private readonly long _limitMs;
    private readonly Func<(long Taken, bool Waits)> _look;
    private readonly Action _onStalled;
    private readonly LoopTimer _timer;
    private long _taken;

    /// <param name="limitMs">How long it may take nothing.</param>
    /// <param name="look">Bytes that were taken so far, and whether more wait.</param>
    /// <param name="onStalled">Called once.</param>
    public ReadingWatch(EventLoop loop, long limitMs, Func<(long Taken, bool Waits)> look, Action onStalled)
    {
        (_limitMs, _look, _onStalled) = (limitMs, look, onStalled);
        _timer = new LoopTimer(loop, Check);
    }

    /// <summary>Something may wait from now on.</summary>
    public void Note()
    {
        if (_timer.IsArmed)
            return;
        (_taken, var waits) = _look();
        if (waits)
            _timer.Arm(_limitMs);
    }

    /// <summary>Nothing is sent any more.</summary>
    public void Stop() => _timer.Cancel();

    private void Check()
    {
        var before = _taken;
        (_taken, var waits) = _look();
        if (!waits)
            return;
        if (_taken == before)
            _onStalled();
        else
            _timer.Arm(_limitMs);
    }
}
