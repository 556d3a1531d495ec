namespace Weft.Base.Stats;

/// <summary>
/// A number that only grows, one cell per thread, summed when read. A default value (no store) counts nothing.
/// May be used from any thread; <see cref="Inc"/> is one thread-static load and one add.
/// </summary>
public readonly struct Counter
{
    public void Inc() => Add(1);

    public void Add(long amount) => throw new NotImplementedException();

    /// <summary>The sum over all threads since start or the last reset.</summary>
    public long Value => throw new NotImplementedException();
}

/// <summary>A number that goes up and down: a cell per thread for <see cref="Add"/>, plus a value set as a whole.</summary>
public readonly struct Gauge
{
    public void Inc() => Add(1);

    public void Dec() => Add(-1);

    public void Add(long amount) => throw new NotImplementedException();

    /// <summary>Replaces the value. Only for gauges that one thread owns (never mixed with <see cref="Add"/>).</summary>
    public void Set(long value) => throw new NotImplementedException();

    public long Value => throw new NotImplementedException();
}

/// <summary>Unit of a histogram's values, printed with its help text and used by Prometheus names.</summary>
public enum HistogramUnit { Unspecified, Milliseconds, Microseconds, Bytes, Percent }

/// <summary>A log-linear distribution (two decimal digits of precision), one table per thread, allocated at the first record.</summary>
public readonly struct Histogram
{
    /// <summary>Records one value; negative values count as 0. No allocation after a thread's first record.</summary>
    public void Record(long value) => throw new NotImplementedException();
}
