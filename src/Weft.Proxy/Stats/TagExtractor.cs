namespace Weft.Proxy.Stats;

/// <summary>
/// Takes the tags out of the names of statistics (Envoy's TagProducer): <c>cluster.web.upstream_rq_200</c> is
/// <c>cluster.upstream_rq</c> with cluster name and response code. Immutable.
/// </summary>
public sealed class TagExtractor
{
    private readonly TagRule[] _anyFirstWord;
    private readonly Dictionary<string, TagRule[]>.AlternateLookup<ReadOnlySpan<char>> _byFirstWord;

    internal TagExtractor(IReadOnlyCollection<TagRule> rules)
    {
        _anyFirstWord = [.. rules.Where(rule => rule.FirstWord.Length == 0)];
        _byFirstWord = rules.Where(rule => rule.FirstWord.Length > 0)
            .GroupBy(rule => rule.FirstWord, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Envoy's default tags.</summary>
    public static TagExtractor Default { get; } = new(DefaultTagRules.All);

    /// <summary>Takes a name apart. The same <paramref name="result"/> can be used for one name after the other.</summary>
    /// <param name="prefix">The beginning of the name.</param>
    /// <param name="suffix">The rest of it.</param>
    /// <param name="result">Takes what is found.</param>
    public void Extract(ReadOnlySpan<char> prefix, ReadOnlySpan<char> suffix, ExtractedName result)
    {
        result.Begin(prefix, suffix);
        foreach (var rule in _anyFirstWord)
            result.Apply(rule);
        if (result.Full.IndexOf('.') is >= 0 and var dot && _byFirstWord.TryGetValue(result.Full[..dot], out var rules))
        {
            foreach (var rule in rules)
                result.Apply(rule);
        }

        result.End();
    }
}
