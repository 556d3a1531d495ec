using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Workers;

namespace Weft.Proxy.Stats;

/// <summary>
/// How long the turns of a loop take (enable_dispatcher_stats), under Envoy's names: <c>server.dispatcher.*</c> of the main thread and
/// <c>listener_manager.worker_N.dispatcher.*</c>.
/// </summary>
internal sealed class DispatcherStats : ITurnWatcher
{
    private readonly Histogram _loopDurationUs;
    private readonly Histogram _pollDelayUs;

    private DispatcherStats(StatsScope scope)
    {
        _loopDurationUs = scope.Histogram("loop_duration_us", HistogramUnit.Microseconds);
        _pollDelayUs = scope.Histogram("poll_delay_us", HistogramUnit.Microseconds);
    }

    /// <summary>Measures all loops from their next turn on. Main thread, before the workers start.</summary>
    public static void Measure(WorkerSet workers, StatsStore store)
    {
        workers.Main.Loop.TurnWatcher = new DispatcherStats(store.Scope("server.dispatcher."));
        foreach (var worker in workers.Workers)
            worker.Loop.TurnWatcher = new DispatcherStats(store.Scope($"listener_manager.{worker.Name}.dispatcher."));
    }

    void ITurnWatcher.OnTurn(long durationUs, long lateUs)
    {
        _loopDurationUs.Record(durationUs);
        _pollDelayUs.Record(lateUs);
    }
}
