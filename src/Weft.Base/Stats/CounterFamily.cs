namespace Weft.Base.Stats;

/// <summary>
/// Counters with the names of a <see cref="StatNames"/>, each listed once it was counted, so that a worker never has to make a
/// name. A default value counts nothing.
/// </summary>
public readonly struct CounterFamily
{
    private readonly int _index;

    internal CounterFamily(int index) => _index = index;

    /// <summary>The counter of a member, by its place in the names.</summary>
    public Counter this[int member] => _index == 0 ? default : new Counter(_index + member);
}

/// <summary>Gauges with the names of a <see cref="StatNames"/>. A default value shows nothing.</summary>
public readonly struct GaugeFamily
{
    private readonly int _index;

    internal GaugeFamily(int index) => _index = index;

    /// <summary>The gauge of a member, by its place in the names.</summary>
    public Gauge this[int member] => _index == 0 ? default : new Gauge(_index + member);
}

/// <summary>Histograms with the names of a <see cref="StatNames"/>, each listed once it was recorded in. A default value records nothing.</summary>
public readonly struct HistogramFamily
{
    private readonly int _index;

    internal HistogramFamily(int index) => _index = index;

    /// <summary>The histogram of a member, by its place in the names.</summary>
    public Histogram this[int member] => _index == 0 ? default : new Histogram(_index + member);
}
