using Weft.Base.Stats;

namespace Weft.Proxy.Stats.Sinks;

/// <summary>
/// What one flush hands to every sink: the statistics that were ever written, counters with what they grew by. Made once and filled
/// again for every flush; main thread.
/// </summary>
public sealed class MetricsSnapshot
{
    private readonly List<Statistic> _all = [];

    public List<CounterDelta> Counters { get; } = [];

    public List<Statistic> Gauges { get; } = [];

    /// <summary>Histograms in which something was recorded since the last flush.</summary>
    public List<Statistic> Histograms { get; } = [];

    /// <summary>Histograms in which something was ever recorded.</summary>
    public List<Statistic> UsedHistograms { get; } = [];

    /// <summary>Takes everything out of a store whose histograms were just merged; growth is counted from the last call.</summary>
    public void Take(StatsStore store)
    {
        _all.Clear();
        Counters.Clear();
        Gauges.Clear();
        Histograms.Clear();
        UsedHistograms.Clear();
        store.List(_all);
        foreach (var statistic in _all)
            Add(statistic);
    }

    private void Add(in Statistic statistic)
    {
        if (!statistic.IsUsed)
            return;
        switch (statistic.Kind)
        {
            case StatKind.Counter:
                Counters.Add(new CounterDelta(statistic, statistic.TakeDelta()));
                break;
            case StatKind.Gauge:
                Gauges.Add(statistic);
                break;
            case StatKind.Histogram:
                UsedHistograms.Add(statistic);
                if (statistic.Histogram!.Interval.Count > 0)
                    Histograms.Add(statistic);
                break;
        }
    }
}

/// <summary>A counter and what it grew by since the last flush.</summary>
public readonly record struct CounterDelta(Statistic Counter, long Delta);
