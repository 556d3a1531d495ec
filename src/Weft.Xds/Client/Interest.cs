namespace Weft.Xds.Client;

/// <summary>What is asked for of one type: names, each by how many, or everything. One thread.</summary>
internal sealed class Interest(ResourceType type)
{
    private readonly SortedDictionary<string, int> _names = new(StringComparer.Ordinal);
    private int _everything;

    public ResourceType Type => type;

    /// <summary>All resources are asked for.</summary>
    public bool IsEverything => _everything > 0;

    /// <summary>In alphabetical order, whether or not everything is asked for too.</summary>
    public IReadOnlyCollection<string> Names => _names.Keys;

    public bool IsEmpty => _everything == 0 && _names.Count == 0;

    /// <summary>Whether the resource is asked for, by itself or with its collection.</summary>
    public bool Covers(string name) => IsEverything || _names.ContainsKey(name) || (XdsTpName.HasScheme(name) && CoversXdsTp(name));

    /// <summary>True when it was not asked for by itself.</summary>
    public bool Add(string? name)
    {
        if (name is null)
            return ++_everything == 1;
        _names[name] = _names.GetValueOrDefault(name) + 1;
        return _names[name] == 1;
    }

    /// <summary>True when it is not asked for by itself any more.</summary>
    public bool Remove(string? name)
    {
        if (name is null)
            return --_everything == 0;
        if (!_names.TryGetValue(name, out var count))
            return false;
        if (count > 1)
            _names[name] = count - 1;
        else
            _names.Remove(name);
        return count == 1;
    }

    private bool CoversXdsTp(string name) => _names.ContainsKey(XdsTpName.Canonical(name)) || (XdsTpName.CollectionOf(name) is { } collection && _names.ContainsKey(collection));
}
