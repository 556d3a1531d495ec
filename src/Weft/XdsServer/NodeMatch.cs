using Envoy.Config.Core.V3;
using Envoy.Type.Matcher.V3;

namespace Weft.XdsServer;

/// <summary>Which clients a question is about: those that one of its matchers fits; all of them when there is none.</summary>
internal static class NodeMatch
{
    /// <summary>What cannot be asked; null: nothing.</summary>
    public static string? FaultOf(IReadOnlyList<NodeMatcher> matchers)
    {
        foreach (var matcher in matchers)
        {
            if (matcher.NodeMetadatas.Count > 0)
                return "node_metadatas of a node matcher is not implemented";
            if (matcher.NodeId?.MatchPatternCase is StringMatcher.MatchPatternOneofCase.SafeRegex or StringMatcher.MatchPatternOneofCase.Custom)
                return "a node_id is matched by exact, prefix, suffix or contains";
        }

        return null;
    }

    public static bool Fits(IReadOnlyList<NodeMatcher> matchers, Node node) => matchers.Count == 0 || matchers.Any(matcher => Fits(matcher.NodeId, node.Id));

    private static bool Fits(StringMatcher? matcher, string id)
    {
        var comparison = matcher is { IgnoreCase: true } ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return matcher?.MatchPatternCase switch
        {
            StringMatcher.MatchPatternOneofCase.Exact => id.Equals(matcher.Exact, comparison),
            StringMatcher.MatchPatternOneofCase.Prefix => id.StartsWith(matcher.Prefix, comparison),
            StringMatcher.MatchPatternOneofCase.Suffix => id.EndsWith(matcher.Suffix, comparison),
            StringMatcher.MatchPatternOneofCase.Contains => id.Contains(matcher.Contains, comparison),
            _ => true,
        };
    }
}
