using Weft.Net;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Matching;

/// <summary>
/// envoy.matching.custom_matchers.ip_range_matcher: the longest range that an address is in, then shorter ones that are not exclusive, until one
/// leads to an action. A look-up per length of prefix that occurs.
/// </summary>
internal sealed class IpRangeMatcher<TAction> : MatcherTree<TAction>
    where TAction : class
{
    private readonly int[] _lengths;
    private readonly Dictionary<AddressRange, List<(bool IsExclusive, OnMatch<TAction> OnMatch)>> _byRange = [];

    /// <param name="ranges">In the order of configuration.</param>
    public IpRangeMatcher(MatchInput input, IEnumerable<(AddressRange Range, bool IsExclusive, OnMatch<TAction> OnMatch)> ranges, OnMatch<TAction>? onNoMatch)
        : base(input, onNoMatch)
    {
        foreach (var (range, isExclusive, onMatch) in ranges)
        {
            if (!_byRange.TryGetValue(range, out var entries)) _byRange[range] = entries = [];
            entries.Add((isExclusive, onMatch));
        }

        _lengths = [.. _byRange.Keys.Select(static range => range.Bits).Distinct().OrderDescending()];
    }

    protected override MatchOutcome Find(ReadOnlySpan<byte> value, in MatchData data, out TAction? action)
    {
        if (!NetAddress.TryParseIP(value, out var address)) return NoMatch(data, out action);
        var isFirst = true;
        foreach (var length in _lengths)
        {
            if (!_byRange.TryGetValue(AddressRange.Around(address, length), out var entries)) continue;
            foreach (var (isExclusive, onMatch) in entries)
            {
                if (isExclusive && !isFirst) continue;
                var outcome = onMatch.Find(data, out action);
                if (outcome != MatchOutcome.No) return outcome;
                isFirst = false;
            }
        }

        return NoMatch(data, out action);
    }
}
