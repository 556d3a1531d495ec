using Weft.Base.Stats;

namespace Weft.Proxy.Bootstrap.Watchdogs;

/// <summary>A loop that a <see cref="GuardDog"/> looks at, and what it saw. Its thread.</summary>
/// <param name="name">Of its thread.</param>
/// <param name="progress">The loop's <see cref="Net.EventLoop.Progress"/>.</param>
/// <param name="scope">The root scope.</param>
internal sealed class WatchedLoop(string name, Func<long> progress, StatsScope scope)
{
    private readonly Counter _misses = scope.Counter($"server.{name}.watchdog_miss");
    private readonly Counter _megaMisses = scope.Counter($"server.{name}.watchdog_mega_miss");
    private long _seen;
    private long _sinceMs;
    private bool _hasMissed;
    private bool _hasMegaMissed;

    public string Name => name;

    /// <summary>How long the turn that is under way has been; 0: the loop waits, or another turn has begun since it was looked at last.</summary>
    public long StuckMs(long nowMs)
    {
        var now = progress();
        if ((now & 1) != 0 && now == _seen)
            return nowMs - _sinceMs;
        (_seen, _sinceMs) = (now, nowMs);
        _hasMissed = _hasMegaMissed = false;
        return 0;
    }

    /// <summary>Counts a turn, once.</summary>
    /// <returns>It had not been counted.</returns>
    public bool Miss(Counter ofGroup) => CountOnce(ref _hasMissed, _misses, ofGroup);

    /// <summary>As <see cref="Miss"/>, for one that is much too long.</summary>
    public bool MegaMiss(Counter ofGroup) => CountOnce(ref _hasMegaMissed, _megaMisses, ofGroup);

    private static bool CountOnce(ref bool isCounted, Counter own, Counter ofGroup)
    {
        if (isCounted)
            return false;
        isCounted = true;
        own.Inc();
        ofGroup.Inc();
        return true;
    }
}
