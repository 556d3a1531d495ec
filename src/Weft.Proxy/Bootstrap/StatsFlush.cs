using Google.Protobuf.WellKnownTypes;
using Weft.Base.Stats;
using Weft.Net;

namespace Weft.Proxy.Bootstrap;

/// <summary>Merges histograms and ages statistics every stats_flush_interval (default 5 s), on the main loop.</summary>
internal sealed class StatsFlush
{
    private const long DefaultIntervalMs = 5_000;

    private readonly StatsStore _stats;
    private readonly LoopTimer _timer;
    private readonly long _intervalMs;

    public StatsFlush(StatsStore stats, EventLoop loop, Duration? interval)
    {
        _stats = stats;
        _timer = new LoopTimer(loop, OnTimer);
        _intervalMs = interval.ToMs(DefaultIntervalMs);
    }

    public void Start() => _timer.Arm(_intervalMs);

    public void Flush() => _stats.Flush();

    private void OnTimer()
    {
        Flush();
        _timer.Arm(_intervalMs);
    }
}
