namespace Weft.Xds.Client;

/// <summary>What is asked for of one type: names, each by how many, or everything. One thread.</summary>
internal sealed class Interest(ResourceType type)
{
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>By how many a name is asked for beyond the first.</summary>
    private readonly Dictionary<string, int> _further = new(StringComparer.Ordinal);
    private int _everything;

    public ResourceType Type => type;

    /// <summary>All resources are asked for.</summary>
    public bool IsEverything => _everything > 0;

    /// <summary>In alphabetical order, whether or not everything is asked for too.</summary>
    public IReadOnlyCollection<string> Names => _names;

    public bool IsEmpty => _everything == 0 && _names.Count == 0;

    /// <summary>Whether the resource is asked for, by itself or with its collection.</summary>
    public bool Covers(string name) => IsEverything || _names.Contains(name) || (XdsTpName.HasScheme(name) && CoversXdsTp(name));

    /// <summary>The string of a name that is asked for, so that one that came in a response need not be kept beside it.</summary>
    public string Known(string name) => _names.TryGetValue(name, out var known) ? known : name;

    /// <summary>True when it was not asked for by itself.</summary>
    public bool Add(string? name)
    {
        if (name is null)
            return ++_everything == 1;
        if (_names.Add(name))
            return true;
        _further[name] = _further.GetValueOrDefault(name) + 1;
        return false;
    }

    /// <summary>True when it is not asked for by itself any more.</summary>
    public bool Remove(string? name)
    {
        if (name is null)
            return --_everything == 0;
        if (!_further.TryGetValue(name, out var count))
            return _names.Remove(name);
        if (count > 1)
            _further[name] = count - 1;
        else
            _further.Remove(name);
        return false;
    }

    private bool CoversXdsTp(string name) => _names.Contains(XdsTpName.Canonical(name)) || (XdsTpName.CollectionOf(name) is { } collection && _names.Contains(collection));
}
