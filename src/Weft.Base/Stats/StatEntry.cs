namespace Weft.Base.Stats;

/// <summary>What the store knows of a statistic beside its cells; the name is kept as a prefix shared by its scope and a constant behind it.</summary>
internal struct StatEntry
{
    public string Prefix;
    public string Suffix;

    /// <summary>What a few kinds need besides: the function to read, the names of a family.</summary>
    public object? Extra;

    /// <summary>Where the numbers are: the first cell, or the first histogram.</summary>
    public int Index;

    /// <summary>How many times scopes asked for it and have not been disposed.</summary>
    public int References;

    /// <summary>1, or the members of a family.</summary>
    public ushort IndexCount;
    public StatKind Kind;
    public HistogramUnit Unit;

    /// <summary>False: only its owner knows of it, or the entry is free.</summary>
    public bool IsListed;

    public readonly bool IsFamily => Kind >= StatKind.CounterFamily;

    public readonly bool IsHistogram => Kind is StatKind.Histogram or StatKind.HistogramFamily;
}
