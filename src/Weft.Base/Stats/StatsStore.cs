namespace Weft.Base.Stats;

/// <summary>
/// All statistics of a process, by their full Envoy name. Names are made when configuration is loaded, never on a
/// request. Asking twice for a name gives the same statistic. Main thread only, except the statistics it hands out.
/// </summary>
public sealed class StatsStore
{
    /// <summary>A place for statistics whose names start with <paramref name="prefix"/> (for example <c>cluster.web.</c>).</summary>
    public StatsScope Scope(string prefix) => throw new NotImplementedException();
}

/// <summary>A name prefix of a <see cref="StatsStore"/>. Disposing it forgets the statistics made through it (a removed cluster or listener).</summary>
public sealed class StatsScope : IDisposable
{
    /// <summary>The prefix, ending in a dot (empty for the root).</summary>
    public string Prefix => throw new NotImplementedException();

    public StatsScope Scope(string prefix) => throw new NotImplementedException();

    public Counter Counter(string name) => throw new NotImplementedException();

    public Gauge Gauge(string name) => throw new NotImplementedException();

    public Histogram Histogram(string name, HistogramUnit unit = HistogramUnit.Unspecified) => throw new NotImplementedException();

    /// <summary>A gauge read from <paramref name="read"/> whenever statistics are printed (uptime, memory).</summary>
    public void ComputedGauge(string name, Func<long> read) => throw new NotImplementedException();

    /// <summary>A text statistic (TextReadout).</summary>
    public void Text(string name, Func<string> read) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
