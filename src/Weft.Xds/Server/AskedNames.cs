namespace Weft.Xds.Server;

/// <summary>What a client asks for of one type: everything, names, collections. One thread.</summary>
internal sealed class AskedNames
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>All there is of the type.</summary>
    public bool IsEverything { get; set; }

    /// <summary>Names that are no collections: each is known to be missing when there is none of it.</summary>
    public IEnumerable<string> Single => _names.Where(static name => !XdsTpName.IsCollection(name));

    public void Add(string name)
    {
        if (name == "*")
            IsEverything = true;
        else
            _names.Add(XdsTpName.Canonical(name));
    }

    public void Remove(string name)
    {
        if (name == "*")
            IsEverything = false;
        _names.Remove(XdsTpName.Canonical(name));
    }

    /// <summary>Replaces all names; whether one is among them that was not asked for before.</summary>
    public bool Replace(IEnumerable<string> names)
    {
        var next = names.Select(XdsTpName.Canonical).ToHashSet(StringComparer.Ordinal);
        var isMore = next.Except(_names).Any();
        _names.Clear();
        _names.UnionWith(next);
        return isMore;
    }

    /// <summary>Whether a resource of this (canonical) name is asked for.</summary>
    public bool Covers(string name) => IsEverything || _names.Contains(name) || (XdsTpName.CollectionOf(name) is { } collection && _names.Contains(collection));

    /// <summary>Those that are asked for.</summary>
    public IEnumerable<ServedResource> In(IReadOnlyDictionary<string, ServedResource> resources)
    {
        if (IsEverything)
            return resources.Values;
        return _names.Any(XdsTpName.IsCollection)
            ? resources.Values.Where(resource => Covers(resource.Name))
            : _names.Select(name => resources.GetValueOrDefault(name)).OfType<ServedResource>();
    }
}
