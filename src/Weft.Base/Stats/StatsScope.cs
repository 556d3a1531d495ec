namespace Weft.Base.Stats;

/// <summary>
/// A name prefix of a <see cref="StatsStore"/>. Disposing it forgets the statistics made through it (a removed cluster or
/// listener), unless another scope has asked for the same names. Dispose when no worker counts in them any more.
/// </summary>
public sealed class StatsScope : IDisposable
{
    private readonly StatsStore _store;
    private readonly StatsScope? _parent;
    private readonly bool _isUnlisted;
    private List<StatsScope>? _children;
    private (int Entry, object Reader)[] _readers = [];
    private int[] _entries = [];
    private int _entryCount;

    internal StatsScope(StatsStore store, StatsScope? parent, string prefix, bool isUnlisted = false)
    {
        (_store, _parent, Prefix, _isUnlisted) = (store, parent, prefix, isUnlisted);
    }

    /// <summary>The prefix, ending in a dot (empty for the root).</summary>
    public string Prefix { get; }

    public StatsScope Scope(string prefix)
    {
        var child = new StatsScope(_store, this, Prefix + prefix, _isUnlisted);
        (_children ??= []).Add(child);
        return child;
    }

    public Counter Counter(string name) => new(Add(name, StatKind.Counter));

    public Gauge Gauge(string name) => new(Add(name, StatKind.Gauge));

    public Histogram Histogram(string name, HistogramUnit unit = HistogramUnit.Unspecified) => new(Add(name, StatKind.Histogram, unit));

    /// <summary>Counters of all <paramref name="names"/>.</summary>
    public CounterFamily Counters(StatNames names) => new(Add(names.Key, StatKind.CounterFamily, HistogramUnit.Unspecified, names));

    /// <summary>Gauges of all <paramref name="names"/>, which are always listed.</summary>
    public GaugeFamily Gauges(StatNames names) => new(Add(names.Key, StatKind.GaugeFamily, HistogramUnit.Unspecified, names));

    /// <summary>Histograms of all <paramref name="names"/>.</summary>
    public HistogramFamily Histograms(StatNames names, HistogramUnit unit = HistogramUnit.Unspecified) =>
        new(Add(names.Key, StatKind.HistogramFamily, unit, names));

    /// <summary>A gauge read from <paramref name="read"/> whenever statistics are printed (uptime, memory).</summary>
    public void ComputedGauge(string name, Func<long> read) => Add(name, StatKind.Gauge, HistogramUnit.Unspecified, read);

    /// <summary>The same, without a function of its own for each of many.</summary>
    public void ComputedGauge(string name, IComputedGauge gauge) => Add(name, StatKind.Gauge, HistogramUnit.Unspecified, gauge);

    /// <summary>Lists a counter under a name that its owner counts in without one (<see cref="StatsStore.TakeUnlisted"/>). Dispose before the owner gives it back.</summary>
    public void Name(string name, Counter counter) => Add(name, StatKind.Counter, HistogramUnit.Unspecified, new NamedCounter(counter));

    /// <summary>Gauges of all names of <paramref name="gauges"/>, read from it in the same way.</summary>
    public void ComputedGauges(IComputedGauges gauges) => Add(gauges.Names.Key, StatKind.ComputedFamily, HistogramUnit.Unspecified, gauges);

    /// <summary>A text statistic (TextReadout).</summary>
    public void Text(string name, Func<string> read) => Add(name, StatKind.Text, HistogramUnit.Unspecified, read);

    /// <summary>The same, without a function of its own for each of many.</summary>
    public void Text(string name, IComputedText text) => Add(name, StatKind.Text, HistogramUnit.Unspecified, text);

    public void Dispose()
    {
        _parent?._children?.Remove(this);
        while (_children is [.., var last])
            last.Dispose();
        for (var i = 0; i < _entryCount; i++)
            _store.Release(_entries[i], ReaderOf(_entries[i]));
        _readers = [];
        _entries = [];
        _entryCount = 0;
    }

    /// <summary>The index of a statistic; 0, which counts nothing, when its name is rejected.</summary>
    private int Add(string name, StatKind kind, HistogramUnit unit = HistogramUnit.Unspecified, object? extra = null)
    {
        var entry = _store.Acquire(new StatName(Prefix, name, kind), unit, extra, !_isUnlisted, out var member);
        if (entry == 0)
            return 0;
        if (_entryCount == _entries.Length)
            Array.Resize(ref _entries, _entries.Length < 4 ? 4 : _entries.Length + (_entries.Length / 2));
        _entries[_entryCount++] = entry;
        if (extra is Delegate or IComputedGauge or IComputedText or IComputedGauges)
            _readers = [.. _readers, (entry, extra)];
        return _store.IndexOf(entry) + member;
    }

    private object? ReaderOf(int entry)
    {
        foreach (var (of, reader) in _readers)
        {
            if (of == entry)
                return reader;
        }

        return null;
    }
}
