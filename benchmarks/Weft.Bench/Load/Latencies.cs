namespace Weft.Bench.Load;

/// <summary>Every latency of a round, in microseconds, for exact percentiles.</summary>
internal sealed class Latencies
{
    private readonly List<int> _us = new(1 << 16);
    private readonly List<int> _windows = [];

    public void Clear()
    {
        _us.Clear();
        _windows.Clear();
    }

    public void Add(long us) => _us.Add((int)Math.Clamp(us, 0, int.MaxValue));

    /// <summary>What is added from here on belongs to the next window.</summary>
    public void EndWindow() => _windows.Add(_us.Count);

    /// <summary>Of all; 0 when there are none.</summary>
    public double Percentile(double fraction) => Percentile([.. _us], fraction);

    /// <summary>
    /// The median of the windows' percentiles: what the proxy does by itself. A moment in which the machine gave its core to somebody
    /// else falls into few windows, and would be most of the percentile of all. That of all when no window ended.
    /// </summary>
    public double MedianPercentile(double fraction)
    {
        var start = 0;
        var percentiles = new List<double>();
        foreach (var end in _windows)
        {
            if (end > start)
                percentiles.Add(Percentile(_us[start..end], fraction));
            start = end;
        }
        return percentiles.Count == 0 ? Percentile(fraction) : Percentile([.. percentiles.Select(p => (int)p)], 0.5);
    }

    private static double Percentile(List<int> us, double fraction)
    {
        if (us.Count == 0)
            return 0;
        us.Sort();
        return us[Math.Min((int)(us.Count * fraction), us.Count - 1)];
    }
}
