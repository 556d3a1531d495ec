namespace Weft.Observe.Traces;

/// <summary>
/// The tags of the newest spans whose values repeat, to be offered to whoever types a search: those with a new value in each span (addresses, identifiers) are
/// left out. Worked out anew when what is there has grown old. Loop thread.
/// </summary>
/// <param name="nowMs">Milliseconds that only go forward.</param>
internal sealed class TagCatalog(TraceStore store, Func<long> nowMs)
{
    private const int MaxSpans = 10_000;
    private const int MaxKeys = 200;

    /// <summary>A tag with more values is not offered.</summary>
    private const int MaxValues = 40;

    private const int FreshMs = 5_000;

    private SortedDictionary<string, SortedSet<string>> _tags = new(StringComparer.Ordinal);
    private long _madeAtMs = long.MinValue;

    public IEnumerable<string> Keys => Fresh().Keys;

    public IEnumerable<string> Values(string key) => Fresh().GetValueOrDefault(key) ?? [];

    private SortedDictionary<string, SortedSet<string>> Fresh()
    {
        var now = nowMs();
        if (_madeAtMs != long.MinValue && now - _madeAtMs < FreshMs)
            return _tags;
        (_tags, _madeAtMs) = (Make(), now);
        return _tags;
    }

    private SortedDictionary<string, SortedSet<string>> Make()
    {
        var tags = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var (key, value) in store.Newest.SelectMany(static trace => trace.Spans).Take(MaxSpans).SelectMany(static span => span.Tags))
        {
            if (!tags.TryGetValue(key, out var values))
            {
                if (tags.Count >= MaxKeys)
                    continue;
                tags.Add(key, values = new SortedSet<string>(StringComparer.Ordinal));
            }

            if (values.Count <= MaxValues)
                values.Add(value);
        }

        foreach (var key in tags.Where(static tag => tag.Value.Count > MaxValues).Select(static tag => tag.Key).ToList())
            tags.Remove(key);
        return tags;
    }
}
