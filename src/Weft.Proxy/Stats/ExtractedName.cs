namespace Weft.Proxy.Stats;

/// <summary>The name of a statistic taken apart into tags and what remains. Its owner uses it again for every name; one thread.</summary>
public sealed class ExtractedName
{
    private readonly List<(TagRule Rule, Range Value)> _tags = [];
    private readonly List<Range> _removed = [];
    private char[] _full = new char[128];
    private char[] _rest = new char[128];
    private int _fullLength;
    private int _restLength;

    /// <summary>The whole name.</summary>
    public ReadOnlySpan<char> Full => _full.AsSpan(0, _fullLength);

    /// <summary>The name without its tags.</summary>
    public ReadOnlySpan<char> Rest => _rest.AsSpan(0, _restLength);

    public int TagCount => _tags.Count;

    public string TagName(int tag) => _tags[tag].Rule.TagName;

    public ReadOnlySpan<char> TagValue(int tag)
    {
        var (rule, value) = _tags[tag];
        return (rule.FixedValue ?? rule.Spell(Full[value])) is { } text ? text : Full[value];
    }

    internal void Begin(ReadOnlySpan<char> prefix, ReadOnlySpan<char> suffix)
    {
        _tags.Clear();
        _removed.Clear();
        _fullLength = prefix.Length + suffix.Length;
        if (_full.Length < _fullLength)
            (_full, _rest) = (new char[_fullLength * 2], new char[_fullLength * 2]);
        prefix.CopyTo(_full);
        suffix.CopyTo(_full.AsSpan(prefix.Length));
    }

    /// <summary>Applies a rule; of several rules for the same tag only the first that finds something counts.</summary>
    internal void Apply(TagRule rule)
    {
        foreach (var (other, _) in _tags)
        {
            if (other.TagName == rule.TagName)
                return;
        }

        if (!rule.TryFind(Full, out var removed, out var value))
            return;
        _tags.Add((rule, value));
        _removed.Add(removed);
    }

    /// <summary>Takes all that was found out of the name.</summary>
    internal void End()
    {
        _restLength = 0;
        for (var i = 0; i < _fullLength; i++)
        {
            if (!IsRemoved(i))
                _rest[_restLength++] = _full[i];
        }
    }

    private bool IsRemoved(int position)
    {
        foreach (var range in _removed)
        {
            if (range.Start.Value <= position && position < range.End.Value)
                return true;
        }

        return false;
    }
}
