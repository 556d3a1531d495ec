using Weft.Base.Logging;
using Weft.Base.Stats;

namespace Weft.Proxy.Bootstrap.Watchdogs;

/// <summary>Loops with the same limits, <c>main_thread.*</c> or <c>workers.*</c>. The guard dog's thread.</summary>
internal sealed class WatchedGroup(string name, WatchdogLimits limits, WatchedLoop[] loops, StatsScope scope)
{
    private static readonly Logger Log = Logger.Get("main");

    private readonly Counter _misses = scope.Counter(name + ".watchdog_miss");
    private readonly Counter _megaMisses = scope.Counter(name + ".watchdog_mega_miss");

    public long IntervalMs => limits.IntervalMs;

    /// <summary>Looks at every loop.</summary>
    /// <returns>Why the process must end; null: it need not.</returns>
    public string? Check(long nowMs)
    {
        var stuck = 0;
        string? reason = null;
        foreach (var loop in loops)
        {
            var stuckMs = loop.StuckMs(nowMs);
            if (stuckMs > limits.MissMs)
                loop.Miss(_misses);
            if (stuckMs > limits.MegaMissMs && loop.MegaMiss(_megaMisses))
                Log.Warning($"{loop.Name} has been busy with one turn for more than {limits.MegaMissMs} ms");
            if (limits.KillMs > 0 && stuckMs > limits.KillMs)
                reason = $"watchdog: {loop.Name} is stuck for more than {limits.KillMs} ms (kill_timeout)";
            if (limits.MultiKillMs > 0 && stuckMs > limits.MultiKillMs)
                stuck++;
        }

        return stuck >= Math.Max(2, (int)Math.Ceiling(limits.MultiKillShare * loops.Length))
            ? $"watchdog: {stuck} threads are stuck for more than {limits.MultiKillMs} ms (multikill_timeout)"
            : reason;
    }
}
