using Weft.Base.Stats;
using Weft.Net;
using Weft.Proxy.Stats.Sinks;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>
/// Merges histograms, ages statistics and feeds the sinks every stats_flush_interval (default 5 s), or with stats_flush_on_admin when
/// the admin interface is asked for statistics. Main loop.
/// </summary>
internal sealed class StatsFlush : IDisposable
{
    private const long DefaultIntervalMs = 5_000;

    private readonly StatsStore _stats;
    private readonly LoopTimer _timer;
    private readonly MetricsSnapshot _snapshot = new();
    private readonly bool _onlyOnAdmin;
    private bool _isStopped;

    public StatsFlush(StatsStore stats, EventLoop loop, BootstrapMessage bootstrap)
    {
        _stats = stats;
        _timer = new LoopTimer(loop, OnTimer);
        _onlyOnAdmin = bootstrap.StatsFlushOnAdmin;
        IntervalMs = bootstrap.StatsFlushInterval.ToMs(DefaultIntervalMs);
    }

    public long IntervalMs { get; }

    /// <summary>Who gets the statistics; set while configuration is loaded, disposed with this.</summary>
    public IReadOnlyList<StatsSink> Sinks { get; set; } = [];

    public void Start()
    {
        if (!_onlyOnAdmin)
            _timer.Arm(IntervalMs);
    }

    /// <summary>The sinks get nothing any more: another process tells them what this one counts.</summary>
    public void Stop()
    {
        _isStopped = true;
        _timer.Cancel();
    }

    public void Flush()
    {
        _stats.Flush();
        if (Sinks.Count == 0 || _isStopped)
            return;
        _snapshot.Take(_stats);
        foreach (var sink in Sinks)
            sink.Flush(_snapshot);
    }

    public void Dispose()
    {
        _timer.Cancel();
        foreach (var sink in Sinks)
            sink.Close();
    }

    private void OnTimer()
    {
        Flush();
        _timer.Arm(IntervalMs);
    }
}
