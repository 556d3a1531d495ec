namespace Weft.Base.Stats;

/// <summary>
/// One statistic as <see cref="StatsStore.List(List{Statistic})"/> lists it. Values are read when asked for. Main thread.
/// </summary>
public readonly struct Statistic
{
    private readonly int _index;
    private readonly object? _extra;

    internal Statistic(in StatEntry entry, object? extra)
    {
        (Prefix, Suffix, Kind, Unit) = (entry.Prefix, entry.Suffix, entry.Kind, entry.Unit);
        (_index, _extra) = (entry.Index, extra);
    }

    /// <summary>A member of a family.</summary>
    internal Statistic(in StatEntry family, StatKind kind, string suffix, int index, object? extra = null)
    {
        (Prefix, Suffix, Kind, Unit) = (family.Prefix, suffix, kind, family.Unit);
        (_index, _extra) = (index, extra);
    }

    public StatKind Kind { get; }

    public HistogramUnit Unit { get; }

    /// <summary>The part of the name that its scope has given.</summary>
    public string Prefix { get; }

    /// <summary>The rest of the name.</summary>
    public string Suffix { get; }

    /// <summary>The whole name. Makes a string.</summary>
    public string Name => string.Concat(Prefix, Suffix);

    /// <summary>The value of a counter or gauge.</summary>
    public long Value => _extra switch
    {
        Func<long> read => read(),
        IComputedGauge gauge => gauge.Value,
        _ when Kind == StatKind.Counter => new Counter(_index).Value,
        _ => new Gauge(_index).Value,
    };

    /// <summary>
    /// The value as Envoy prints it, which knows no sign: a gauge that was set as a whole gives its bits (versions are hashes),
    /// one that is counted may be read between two threads' halves of a change and is not below 0 then.
    /// </summary>
    public ulong UnsignedValue => Kind == StatKind.Gauge && _extra is null && SetCells.IsUsed(_index)
        ? unchecked((ulong)Value)
        : (ulong)Math.Max(0, Value);

    /// <summary>What a counter grew by since the last call, whatever was reset meanwhile. Only the flush to the sinks may ask.</summary>
    public long TakeDelta() => Kind != StatKind.Counter ? 0 : _extra switch
    {
        null => StatCells.TakeDelta(_index),
        NamedCounter named => StatCells.TakeDelta(named.Index),
        _ => 0,
    };

    /// <summary>The value of a text.</summary>
    public string Text => _extra switch
    {
        Func<string> read => read(),
        IComputedText text => text.Text,
        _ => "",
    };

    /// <summary>A histogram's numbers; null while nothing was merged.</summary>
    public MergedHistogram? Histogram => _extra as MergedHistogram;

    /// <summary>It was written at least once (a histogram: recorded and merged). What is computed counts as written.</summary>
    public bool IsUsed => Kind switch
    {
        StatKind.Histogram => _extra is not null,
        StatKind.Text => true,
        StatKind.Counter => _extra is NamedCounter named ? named.IsUsed : new Counter(_index).IsUsed,
        _ => _extra is not null || new Gauge(_index).IsUsed,
    };
}
