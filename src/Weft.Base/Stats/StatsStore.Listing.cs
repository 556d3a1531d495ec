namespace Weft.Base.Stats;

/// <summary>What is listed, and as what.</summary>
public sealed partial class StatsStore
{
    /// <summary>Appends every statistic, in no order; of families the members that were used.</summary>
    public void List(List<Statistic> into)
    {
        for (var number = 1; number < _entryCount; number++)
        {
            ref var entry = ref Entry(number);
            if (!entry.IsListed)
                continue;
            if (entry.IsFamily)
                ListFamily(entry, into);
            else
                into.Add(Single(entry));
        }
    }

    /// <summary>As <see cref="List(List{Statistic})"/>, one after the other and only where each stands. Nothing may be made or forgotten meanwhile.</summary>
    public IEnumerable<StatHandle> Handles()
    {
        for (var number = 1; number < _entryCount; number++)
        {
            if (!Entry(number).IsListed)
                continue;
            if (!Entry(number).IsFamily)
            {
                yield return new StatHandle(number, -1);
                continue;
            }

            var names = NamesOf(Entry(number));
            for (var member = 0; member < names.Count; member++)
            {
                if (IsShown(Entry(number), names, member))
                    yield return new StatHandle(number, member);
            }
        }
    }

    /// <summary>The statistic; false when there is none any more.</summary>
    public bool TryGet(StatHandle handle, out Statistic statistic)
    {
        statistic = default;
        ref var entry = ref Entry(handle.Entry);
        if (!entry.IsListed || (handle.Member >= 0) != (entry.IsFamily))
            return false;
        if (handle.Member < 0)
        {
            statistic = Single(entry);
            return true;
        }

        if (handle.Member >= NamesOf(entry).Count)
            return false;
        statistic = MemberOf(entry, handle.Member);
        return true;
    }

    private Statistic Single(in StatEntry entry) => new(entry, entry.Kind == StatKind.Histogram ? _merged.GetValueOrDefault(entry.Index) : entry.Extra);

    private void ListFamily(in StatEntry family, List<Statistic> into)
    {
        var names = NamesOf(family);
        for (var member = 0; member < names.Count; member++)
        {
            if (IsShown(family, names, member))
                into.Add(MemberOf(family, member));
        }
    }

    /// <summary>A member is there once it was counted (or always), if its name is not rejected.</summary>
    private bool IsShown(in StatEntry family, StatNames names, int member)
    {
        var index = family.Index + member;
        return (names.IsAlwaysListed || (family.IsHistogram ? _merged.ContainsKey(index) : StatCells.IsUsed(index)))
            && (NameFilter is null || !NameFilter.Rejects(family.Prefix, names[member]));
    }

    private Statistic MemberOf(in StatEntry family, int member)
    {
        if (family.Extra is IComputedGauges gauges)
            return new Statistic(family, StatKind.Gauge, gauges.Names[member], 0, gauges.Gauge(member));
        var name = ((StatNames)family.Extra!)[member];
        var index = family.Index + member;
        return family.Kind switch
        {
            StatKind.HistogramFamily => new Statistic(family, StatKind.Histogram, name, index, _merged.GetValueOrDefault(index)),
            StatKind.GaugeFamily => new Statistic(family, StatKind.Gauge, name, index),
            _ => new Statistic(family, StatKind.Counter, name, index),
        };
    }
}
