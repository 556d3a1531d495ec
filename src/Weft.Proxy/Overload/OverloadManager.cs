using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Overload;

/// <summary>
/// Measures resources every refresh_interval and drives the levels of actions and load shed points by them; what the levels mean is up to those who
/// read <see cref="OverloadState"/>. Main thread.
/// </summary>
internal sealed class OverloadManager : IDisposable
{
    /// <summary>Memory goes back to the system this often while shrink_heap is saturated, as Envoy's.</summary>
    private const long ShrinkEveryMs = 10_000;

    private readonly EventLoop _loop;
    private readonly OverloadState _state;
    private readonly LoopTimer _timer;
    private readonly LoopTimer _shrinking;
    private readonly long _intervalMs;
    private readonly Histogram _delay;
    private readonly Counter _shrinks;
    private long _measuredMs;
    private bool _wasStopped;

    public OverloadManager(OverloadState state, long intervalMs, StatsScope scope, EventLoop loop)
    {
        (_state, _intervalMs, _loop) = (state, intervalMs, loop);
        _timer = new LoopTimer(loop, Refresh);
        _shrinking = new LoopTimer(loop, Shrink);
        _delay = scope.Histogram("refresh_interval_delay", HistogramUnit.Milliseconds);
        _shrinks = scope.Counter("envoy.overload_actions.shrink_heap.shrink_count");
    }

    public List<MonitoredResource> Resources { get; } = [];

    public List<OverloadTriggers> Triggers { get; } = [];

    /// <summary>Called when stop_accepting_connections begins (true) or ends.</summary>
    public Action<bool>? StopsAccepting { get; set; }

    public void Start()
    {
        _measuredMs = _loop.NowMs;
        if (Resources.Count > 0)
            _timer.Arm(_intervalMs);
        _shrinking.Arm(ShrinkEveryMs);
    }

    public void Dispose()
    {
        _timer.Cancel();
        _shrinking.Cancel();
    }

    private void Refresh()
    {
        foreach (var resource in Resources)
        {
            if (resource.Measure() is not { } pressure)
                continue;
            foreach (var triggers in Triggers)
                triggers.Update(resource.Name, pressure);
        }

        if (_state.StopAcceptingConnections.IsSaturated != _wasStopped)
            StopsAccepting?.Invoke(_wasStopped = !_wasStopped);
        _delay.Record(_loop.NowMs - _measuredMs);
        _measuredMs = _loop.NowMs;
        _timer.Arm(_intervalMs);
    }

    private void Shrink()
    {
        _shrinking.Arm(ShrinkEveryMs);
        if (!_state.ShrinkHeap.IsSaturated)
            return;
        _shrinks.Inc();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
