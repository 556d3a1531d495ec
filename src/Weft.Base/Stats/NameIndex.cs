namespace Weft.Base.Stats;

/// <summary>
/// Finds a statistic by its name, wherever the name is cut into prefix and suffix: an open-addressed table of entry numbers (four bytes
/// a slot), because a dictionary with keys would weigh more than the statistics themselves.
/// </summary>
internal sealed class NameIndex(Func<int, StatName> nameOf)
{
    private int[] _slots = new int[64];

    /// <summary>Names held.</summary>
    public int Count { get; private set; }

    /// <summary>The entry stored for a name; 0 when there is none.</summary>
    public int Find(in StatName name)
    {
        for (var slot = SlotOf(name); _slots[slot] != 0; slot = Next(slot))
        {
            if (IsSame(name, nameOf(_slots[slot])))
                return _slots[slot];
        }

        return 0;
    }

    /// <summary>Adds a name that is not there yet.</summary>
    public void Add(in StatName name, int index)
    {
        if ((Count + 1) * 4 > _slots.Length * 3)
            Grow();
        Insert(name, index);
        Count++;
    }

    /// <summary>Removes a name, moving up those that were pushed behind it.</summary>
    public void Remove(in StatName name)
    {
        var hole = SlotOf(name);
        while (_slots[hole] != 0 && !IsSame(name, nameOf(_slots[hole])))
            hole = Next(hole);
        if (_slots[hole] == 0)
            return;
        Count--;
        for (var slot = Next(hole); _slots[slot] != 0; slot = Next(slot))
        {
            if (!IsBetween(hole, SlotOf(nameOf(_slots[slot])), slot))
            {
                _slots[hole] = _slots[slot];
                hole = slot;
            }
        }

        _slots[hole] = 0;
    }

    private void Insert(in StatName name, int index)
    {
        var slot = SlotOf(name);
        while (_slots[slot] != 0)
            slot = Next(slot);
        _slots[slot] = index;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new int[old.Length * 2];
        foreach (var index in old)
        {
            if (index == 0)
                continue;
            Insert(nameOf(index), index);
        }
    }

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);

    /// <summary><paramref name="home"/> lies behind <paramref name="hole"/> and not behind <paramref name="slot"/>, going round.</summary>
    private static bool IsBetween(int hole, int home, int slot) =>
        hole <= slot ? hole < home && home <= slot : hole < home || home <= slot;

    private int SlotOf(in StatName name)
    {
        var hash = Hash(Hash(14695981039346656037, name.Prefix), name.Suffix);
        return (int)((hash ^ (hash >> 32)) & (uint)(_slots.Length - 1));
    }

    private static ulong Hash(ulong hash, string text)
    {
        foreach (var character in text)
            hash = (hash ^ character) * 1099511628211;
        return hash;
    }

    private static bool IsSame(in StatName one, in StatName other)
    {
        if (one.Kind != other.Kind || one.Prefix.Length + one.Suffix.Length != other.Prefix.Length + other.Suffix.Length)
            return false;
        return one.Prefix.Length <= other.Prefix.Length
            ? AreEqual(one.Prefix, one.Suffix, other.Prefix, other.Suffix)
            : AreEqual(other.Prefix, other.Suffix, one.Prefix, one.Suffix);
    }

    /// <summary>Compares two cut names of equal length, the first cut no later than the second.</summary>
    private static bool AreEqual(ReadOnlySpan<char> prefix, ReadOnlySpan<char> suffix, ReadOnlySpan<char> longerPrefix, ReadOnlySpan<char> shorterSuffix)
    {
        var middle = longerPrefix.Length - prefix.Length;
        return longerPrefix.StartsWith(prefix, StringComparison.Ordinal)
            && longerPrefix[prefix.Length..].SequenceEqual(suffix[..middle])
            && suffix[middle..].SequenceEqual(shorterSuffix);
    }
}

/// <summary>The name of a statistic, cut in two, with its kind: statistics of different kinds may share a name.</summary>
internal readonly record struct StatName(string Prefix, string Suffix, StatKind Kind);
