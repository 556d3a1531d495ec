namespace Weft.Bench.Load;

/// <summary>Every latency of a round, in microseconds, for exact percentiles.</summary>
internal sealed class Latencies
{
    private readonly List<int> _us = new(1 << 16);

    public void Clear() => _us.Clear();

    public void Add(long us) => _us.Add((int)Math.Clamp(us, 0, int.MaxValue));

    /// <summary>0 when there are none.</summary>
    public double Percentile(double fraction)
    {
        if (_us.Count == 0)
            return 0;
        _us.Sort();
        return _us[Math.Min((int)(_us.Count * fraction), _us.Count - 1)];
    }
}
