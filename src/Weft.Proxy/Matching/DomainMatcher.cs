using System.Text;

namespace Weft.Proxy.Matching;

/// <summary>envoy.matching.custom_matchers.domain_matcher (ServerNameMatcher): exact, then the longest <c>*.suffix</c>, then <c>*</c>, until one leads to an action.</summary>
internal sealed class DomainMatcher<TAction> : MatcherTree<TAction>
    where TAction : class
{
    /// <summary>A domain has at most 127 labels (RFC 1035); of what has more, the rest is not looked up.</summary>
    private const int MaxCandidates = 130;

    private readonly Dictionary<byte[], int> _exact = new(BytesKey.Instance);
    private readonly Dictionary<byte[], int> _suffixes = new(BytesKey.Instance);
    private readonly OnMatch<TAction>[] _children;
    private readonly int _any = -1;

    /// <param name="children">By domain; none twice.</param>
    public DomainMatcher(MatchInput input, IEnumerable<(string Domain, OnMatch<TAction> OnMatch)> children, OnMatch<TAction>? onNoMatch)
        : base(input, onNoMatch)
    {
        var list = new List<OnMatch<TAction>>();
        foreach (var (domain, onMatch) in children)
        {
            if (domain == "*") _any = list.Count;
            else if (domain.StartsWith("*.", StringComparison.Ordinal)) _suffixes[Encoding.UTF8.GetBytes(domain[2..])] = list.Count;
            else _exact[Encoding.UTF8.GetBytes(domain)] = list.Count;
            list.Add(onMatch);
        }

        _children = [.. list];
    }

    /// <summary>What is wrong with a domain; null: nothing.</summary>
    public static string? Check(string domain)
    {
        if (domain == "*") return null;
        if (domain.Length == 0) return "Empty domain in ServerNameMatcher";
        var star = domain.IndexOf('*', StringComparison.Ordinal);
        if (star < 0) return null;
        if (star != 0 || domain.Length < 3 || domain[1] != '.')
            return $"Invalid wildcard domain format: {domain}. Only '*' and '*.domain' patterns are supported";
        return domain.IndexOf('*', 1) < 0 ? null : $"Invalid wildcard domain format: {domain}. Multiple wildcards are not supported";
    }

    protected override MatchOutcome Find(ReadOnlySpan<byte> value, in MatchData data, out TAction? action)
    {
        if (value.IsEmpty) return NoMatch(data, out action);
        Span<int> found = stackalloc int[MaxCandidates];
        var count = 0;
        if (_exact.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(value, out var exact)) found[count++] = exact;
        var suffixes = _suffixes.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var rest = value; count < MaxCandidates - 1 && rest.IndexOf((byte)'.') is >= 0 and var dot;)
        {
            rest = rest[(dot + 1)..];
            if (suffixes.TryGetValue(rest, out var suffix)) found[count++] = suffix;
        }

        if (_any >= 0) found[count++] = _any;
        return FindFirst(found[..count], _children, data, out action);
    }
}
