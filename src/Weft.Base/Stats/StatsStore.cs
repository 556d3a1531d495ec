namespace Weft.Base.Stats;

/// <summary>
/// All statistics of a process, by their full Envoy name. Names are made when configuration is loaded, never on a
/// request. Asking twice for a name gives the same statistic. Main thread only, except the statistics it hands out.
/// </summary>
public sealed partial class StatsStore
{
    private const int EntryPageBits = 8;

    private readonly NameIndex _byName;
    private readonly IndexPool _cells = new(StatCells.Allocate, StatCells.Clear);
    private readonly IndexPool _unlisted = new(StatCells.AllocateUnlisted, StatCells.Clear);
    private readonly IndexPool _histograms = new(HistogramCells.Allocate, HistogramCells.Clear);
    private readonly Stack<int> _freeEntries = [];

    /// <summary>What was recorded in histograms, by histogram.</summary>
    private readonly Dictionary<int, MergedHistogram> _merged = [];

    /// <summary>Functions that a newer one of the same name stands before, for as long as both exist (an update on its way in).</summary>
    private readonly List<(int Entry, object Reader)> _hidden = [];

    /// <summary>Families whose members are always listed, and so can be asked for by name.</summary>
    private readonly List<StatNames> _families = [];

    /// <summary>All families.</summary>
    private readonly List<StatNames> _countedFamilies = [];
    private StatEntry[]?[] _entryPages = [];
    private int _entryCount = 1;
    private StatsOwner? _owner;

    public StatsStore() => _byName = new NameIndex(NameOf);

    /// <summary>Statistics that must not exist; set it before the first is made. Null: none.</summary>
    public IStatNameFilter? NameFilter { get; set; }

    /// <summary>How often statistics were asked for by name.</summary>
    public StatLookups Lookups { get; } = new();

    /// <summary>Statistics that have a name.</summary>
    public int Count => _byName.Count;

    /// <summary>A place for statistics whose names start with <paramref name="prefix"/> (for example <c>cluster.web.</c>).</summary>
    public StatsScope Scope(string prefix)
    {
        var scope = new StatsScope(this, null, prefix);
        _owner?.Add(scope);
        return scope;
    }

    /// <summary>As <see cref="Scope"/>, for what may outlive the owner that happens to ask for it first (a stream that many share).</summary>
    public StatsScope LastingScope(string prefix) => new(this, null, prefix);

    /// <summary>Runs <paramref name="make"/>; the scopes that it asks for belong to <paramref name="owner"/>, which disposes them.</summary>
    public T Owned<T>(StatsOwner owner, Func<T> make)
    {
        var outer = _owner;
        _owner = owner;
        try
        {
            return make();
        }
        finally
        {
            _owner = outer;
        }
    }

    /// <summary>
    /// A place for statistics that only their owner reads (the numbers of one endpoint): they are listed nowhere, names mean
    /// nothing, and every call makes a new one.
    /// </summary>
    public StatsScope UnlistedScope() => new(this, null, "", isUnlisted: true);

    /// <summary>The same for those of which there are very many: <paramref name="count"/> of them, without a scope.</summary>
    public UnlistedCells TakeUnlisted(int count) => new(_unlisted, count);

    /// <summary>Merges what was recorded in histograms and ages forgotten statistics. Call every stats_flush_interval.</summary>
    public void Flush()
    {
        for (var number = 1; number < _entryCount; number++)
        {
            ref var entry = ref Entry(number);
            if (!entry.IsListed || entry.Kind is not (StatKind.Histogram or StatKind.HistogramFamily))
                continue;
            for (var i = 0; i < entry.IndexCount; i++)
                MergeHistogram(entry.Index + i, entry.Unit);
        }

        _cells.OnFlush();
        _unlisted.OnFlush();
        _histograms.OnFlush();
    }

    /// <summary>Starts every listed counter again at 0 (POST /reset_counters), look-ups too; gauges and histograms stay.</summary>
    public void ResetCounters()
    {
        Lookups.Clear();
        for (var number = 1; number < _entryCount; number++)
        {
            ref var entry = ref Entry(number);
            if (!entry.IsListed || entry.Kind is not (StatKind.Counter or StatKind.CounterFamily))
                continue;
            for (var i = 0; i < entry.IndexCount; i++)
            {
                if (StatCells.Sum(entry.Index + i) is not 0 and var sum)
                    StatCells.SetResetBase(entry.Index + i, sum);
            }
        }
    }

    /// <summary>Changes when a statistic is forgotten.</summary>
    public int Version { get; private set; }

    /// <summary>Adds to a counter or gauge, a member of a family too. False when there is none of that name, or it is read from elsewhere.</summary>
    public bool TryAdd(string prefix, string suffix, StatKind kind, long amount)
    {
        var name = new StatName(prefix, suffix, kind);
        var member = 0;
        var entry = _byName.Find(name);
        if (entry == 0)
            entry = FindMember(name, out member);
        else if (Entry(entry).Extra is not null)
            return false;
        if (entry == 0)
            return false;
        StatCells.Add(Entry(entry).Index + member, amount);
        return true;
    }

    /// <summary>The entry of a statistic, made when it is new; 0 when its name is rejected.</summary>
    /// <param name="member">Its place, when the entry is that of a family whose members are always listed; else 0.</param>
    internal int Acquire(in StatName name, HistogramUnit unit, object? extra, bool isListed, out int member)
    {
        member = 0;
        if (isListed)
            Lookups.Add(name.Prefix, name.Suffix);
        var entry = isListed ? _byName.Find(name) : 0;
        if (entry == 0 && isListed && extra is null)
            entry = FindFamily(name, out member);
        if (entry == 0)
        {
            if (extra is StatNames { IsAlwaysListed: true } names && !_families.Contains(names))
                _families.Add(names);
            if (extra is StatNames counted && !_countedFamilies.Contains(counted))
                _countedFamilies.Add(counted);
            if (isListed && IsRejected(name))
                return 0;
            entry = AddEntry(name, unit, (extra as StatNames)?.Count ?? 1, isListed);
        }

        // A function replaces an earlier one of that name, which comes back when the newer one's scope goes first.
        if (extra is not null)
        {
            if (extra is not StatNames && Entry(entry).Extra is { } earlier)
                _hidden.Add((entry, earlier));
            Entry(entry).Extra = extra;
        }

        Entry(entry).References++;
        return entry;
    }

    internal int IndexOf(int entry) => Entry(entry).Index;

    /// <summary>Takes one reference away, and forgets the statistic with the last.</summary>
    /// <param name="number">The entry.</param>
    /// <param name="reader">The function that the reference came with, if any.</param>
    internal void Release(int number, object? reader = null)
    {
        ref var entry = ref Entry(number);
        if (--entry.References > 0)
        {
            if (reader is not null)
                ForgetReader(number, reader);
            return;
        }

        Version++;
        if (entry.IsListed)
            _byName.Remove(NameOf(number));
        if (entry.IsHistogram)
        {
            for (var i = 0; i < entry.IndexCount; i++)
                _merged.Remove(entry.Index + i);
        }

        if (entry.Kind != StatKind.ComputedFamily)
            PoolOf(entry).Return(entry.Index, entry.IndexCount);
        entry = default;
        _freeEntries.Push(number);
    }

    /// <summary>The function is gone while others have asked for the same name: the newest of theirs takes its place.</summary>
    private void ForgetReader(int entry, object reader)
    {
        if (!ReferenceEquals(Entry(entry).Extra, reader))
        {
            _hidden.RemoveAll(hidden => hidden.Entry == entry && ReferenceEquals(hidden.Reader, reader));
            return;
        }

        var newest = _hidden.FindLastIndex(hidden => hidden.Entry == entry);
        if (newest < 0)
            return;
        Entry(entry).Extra = _hidden[newest].Reader;
        _hidden.RemoveAt(newest);
    }

    /// <summary>The family in the same scope that has the name among its members; 0: none.</summary>
    private int FindFamily(in StatName name, out int member)
    {
        member = 0;
        foreach (var names in _families)
        {
            member = names.IndexOf(name.Suffix);
            if (member >= 0 && _byName.Find(new StatName(name.Prefix, names.Key, FamilyOf(name.Kind))) is > 0 and var family)
                return family;
        }

        member = 0;
        return 0;
    }

    /// <summary>As <see cref="FindFamily"/>, among those too whose members are listed only once they were counted.</summary>
    private int FindMember(in StatName name, out int member)
    {
        member = -1;
        if (name.Kind is not (StatKind.Counter or StatKind.Gauge))
            return 0;
        foreach (var names in _countedFamilies)
        {
            member = names.IndexOf(name.Suffix);
            if (member >= 0 && _byName.Find(new StatName(name.Prefix, names.Key, FamilyOf(name.Kind))) is > 0 and var family)
                return family;
        }

        return 0;
    }

    private int AddEntry(in StatName name, HistogramUnit unit, int indexCount, bool isListed)
    {
        if (!_freeEntries.TryPop(out var number))
        {
            number = _entryCount++;
            Pages.Ensure(ref _entryPages, number >> EntryPageBits, 1 << EntryPageBits);
        }

        ref var entry = ref Entry(number);
        entry = new StatEntry
        {
            Prefix = name.Prefix,
            Suffix = name.Suffix,
            IndexCount = (ushort)indexCount,
            Kind = name.Kind,
            Unit = unit,
            IsListed = isListed,
        };
        if (entry.Kind != StatKind.ComputedFamily)
            entry.Index = PoolOf(entry).Take(indexCount);
        if (isListed)
            _byName.Add(name, number);
        return number;
    }

    private void MergeHistogram(int index, HistogramUnit unit)
    {
        if (!HistogramCells.IsUsed(index))
            return;
        if (!_merged.TryGetValue(index, out var merged))
            _merged[index] = merged = new MergedHistogram(unit);
        merged.Merge(index);
    }

    private static StatNames NamesOf(in StatEntry family) => family.Extra as StatNames ?? ((IComputedGauges)family.Extra!).Names;

    /// <summary>The kind of a family whose members are of this kind.</summary>
    private static StatKind FamilyOf(StatKind kind) => kind switch
    {
        StatKind.Counter => StatKind.CounterFamily,
        StatKind.Gauge => StatKind.GaugeFamily,
        StatKind.Histogram => StatKind.HistogramFamily,
        _ => kind,
    };

    private ref StatEntry Entry(int number) => ref _entryPages[number >> EntryPageBits]![number & ((1 << EntryPageBits) - 1)];

    private IndexPool PoolOf(in StatEntry entry) => entry.IsHistogram ? _histograms : _cells;

    private StatName NameOf(int entry) => new(Entry(entry).Prefix, Entry(entry).Suffix, Entry(entry).Kind);

    /// <summary>Members of a family are asked about when they are listed.</summary>
    private bool IsRejected(in StatName name) =>
        name.Kind < StatKind.CounterFamily && NameFilter is not null && NameFilter.Rejects(name.Prefix, name.Suffix);
}
