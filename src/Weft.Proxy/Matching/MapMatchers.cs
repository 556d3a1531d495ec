using System.Text;

namespace Weft.Proxy.Matching;

/// <summary>exact_match_map.</summary>
internal sealed class ExactMapMatcher<TAction> : MatcherTree<TAction>
    where TAction : class
{
    private readonly Dictionary<byte[], OnMatch<TAction>> _children = new(BytesKey.Instance);

    public ExactMapMatcher(MatchInput input, IEnumerable<KeyValuePair<string, OnMatch<TAction>>> children, OnMatch<TAction>? onNoMatch)
        : base(input, onNoMatch)
    {
        foreach (var (key, child) in children) _children[Encoding.UTF8.GetBytes(key)] = child;
    }

    protected override MatchOutcome Find(ReadOnlySpan<byte> value, in MatchData data, out TAction? action)
    {
        if (!_children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(value, out var child)) return NoMatch(data, out action);
        var outcome = child.Find(data, out action);
        return outcome == MatchOutcome.No ? NoMatch(data, out action) : outcome;
    }
}

/// <summary>prefix_match_map: the longest prefix that leads to an action. A look-up per length of prefix that occurs.</summary>
internal sealed class PrefixMapMatcher<TAction> : MatcherTree<TAction>
    where TAction : class
{
    private const int CandidatesOnStack = 64;

    private readonly Dictionary<byte[], int> _byPrefix = new(BytesKey.Instance);
    private readonly OnMatch<TAction>[] _children;
    private readonly int[] _lengths;

    public PrefixMapMatcher(MatchInput input, IEnumerable<KeyValuePair<string, OnMatch<TAction>>> children, OnMatch<TAction>? onNoMatch)
        : base(input, onNoMatch)
    {
        var list = new List<OnMatch<TAction>>();
        foreach (var (key, child) in children)
        {
            _byPrefix[Encoding.UTF8.GetBytes(key)] = list.Count;
            list.Add(child);
        }

        _children = [.. list];
        _lengths = [.. _byPrefix.Keys.Select(static key => key.Length).Distinct().OrderDescending()];
    }

    protected override MatchOutcome Find(ReadOnlySpan<byte> value, in MatchData data, out TAction? action)
    {
        Span<int> found = _lengths.Length <= CandidatesOnStack ? stackalloc int[CandidatesOnStack] : new int[_lengths.Length];
        var count = 0;
        var lookup = _byPrefix.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var length in _lengths)
        {
            if (length <= value.Length && lookup.TryGetValue(value[..length], out var child)) found[count++] = child;
        }

        return FindFirst(found[..count], _children, data, out action);
    }
}
