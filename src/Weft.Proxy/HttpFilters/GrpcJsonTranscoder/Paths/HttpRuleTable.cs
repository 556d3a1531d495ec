using System.Text;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;

/// <summary>Which method of gRPC a request means, by its HTTP method and path. Immutable; any thread.</summary>
internal sealed class HttpRuleTable
{
    /// <summary>A path of more segments is nobody's.</summary>
    public const int MaxSegments = 128;

    private readonly Dictionary<string, TranscodingRule[]> _rules;
    private readonly Dictionary<string, TranscodingRule[]>.AlternateLookup<ReadOnlySpan<char>> _byMethod;
    private readonly HashSet<string> _verbs;
    private readonly bool _anyVerb;

    /// <param name="rules">In any order.</param>
    /// <param name="anyVerb">match_unregistered_custom_verb: what stands behind a colon is a verb even if no rule has it.</param>
    public HttpRuleTable(IEnumerable<TranscodingRule> rules, bool anyVerb)
    {
        _anyVerb = anyVerb;
        _rules = rules.GroupBy(static rule => rule.HttpMethod, StringComparer.Ordinal).ToDictionary(
            static group => group.Key,
            static group => group.OrderBy(static rule => rule.Template, Comparer<PathTemplate>.Create(PathTemplate.Compare)).ToArray(),
            StringComparer.Ordinal);
        _byMethod = _rules.GetAlternateLookup<ReadOnlySpan<char>>();
        _verbs = [.. _rules.Values.SelectMany(static list => list).Select(static rule => rule.Template.Verb).Where(static verb => verb.Length > 0)];
    }

    /// <summary>The rule for a request; null when there is none. No allocation.</summary>
    /// <param name="method">:method.</param>
    /// <param name="path">:path without its query.</param>
    /// <param name="segments">Room for the segments of the path.</param>
    /// <param name="count">How many there are; the last one without its verb.</param>
    public TranscodingRule? Find(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path, Span<Range> segments, out int count)
    {
        count = 0;
        Span<char> name = stackalloc char[32];
        if (method.Length > name.Length || path is not [(byte)'/', ..]) return null;
        var length = Encoding.Latin1.GetChars(method, name);
        if (!_byMethod.TryGetValue(name[..length], out var rules)) return null;
        var verb = VerbOf(path);
        var withoutVerb = verb.IsEmpty ? path : path[..^(verb.Length + 1)];
        count = Split(withoutVerb, segments);
        if (count < 0) return null;
        foreach (var rule in rules)
        {
            if (verb.SequenceEqual(rule.VerbText) && rule.Template.Matches(path, segments[..count])) return rule;
        }

        return null;
    }

    private ReadOnlySpan<byte> VerbOf(ReadOnlySpan<byte> path)
    {
        var colon = path.LastIndexOf((byte)':');
        if (colon <= path.LastIndexOf((byte)'/') || colon == path.Length - 1) return default;
        var verb = path[(colon + 1)..];
        return _anyVerb || _verbs.Contains(Encoding.UTF8.GetString(verb)) ? verb : default;
    }

    /// <summary>The segments, without empty ones at the end; -1 when there are too many.</summary>
    private static int Split(ReadOnlySpan<byte> path, Span<Range> segments)
    {
        var count = 0;
        for (var start = 1; start <= path.Length;)
        {
            if (count == MaxSegments) return -1;
            var slash = path[start..].IndexOf((byte)'/');
            var end = slash < 0 ? path.Length : start + slash;
            segments[count++] = start..end;
            start = end + 1;
        }

        while (count > 0 && segments[count - 1].Start.Value == segments[count - 1].End.Value) count--;
        return count;
    }
}
