using Weft.Config.Syntax;

namespace Weft.Config.Upgrade;

/// <summary>Fields of routes and of what they match by, as the v2 API had them.</summary>
internal static class RouteRules
{
    internal static MappingNode SafeRegex(Node regex) => Nodes.Mapping(regex.Position, ("safe_regex", Nodes.Mapping(regex.Position, ("regex", regex))));

    internal static MappingNode RegexOf(MappingEntry old) => Nodes.Mapping(old.Position, ("regex", old.Value));

    /// <summary>A regular expression by itself is a message now.</summary>
    internal static FieldRule Regex(string name) => (old, _) => [Nodes.Entry(old, name, RegexOf(old))];

    /// <summary>runtime: a percentage that a key overrides.</summary>
    internal static IEnumerable<MappingEntry>? RuntimeFraction(MappingEntry old, MappingNode mapping)
    {
        if (old.Value is not MappingNode runtime) return null;
        var fraction = Nodes.Mapping(old.Position, ("default_value", Hundredths(old.Position, runtime.Find("default_value"))));
        if (runtime.Find("runtime_key") is { } key) fraction.Entries.Add(new MappingEntry("runtime_key", old.Position, key));
        return [Nodes.Entry(old, "runtime_fraction", fraction)];
    }

    /// <summary>A key whose absent value meant nothing.</summary>
    internal static IEnumerable<MappingEntry> MirrorKey(MappingEntry old, MappingNode policy)
    {
        if (policy.Find("runtime_fraction") is not null || Nodes.TextOf(old.Value) is not { Length: > 0 }) return [];
        var none = Hundredths(old.Position, Nodes.Number(old.Position, 0));
        return [Nodes.Entry(old, "runtime_fraction", Nodes.Mapping(old.Position, ("default_value", none), ("runtime_key", old.Value)))];
    }

    internal static IEnumerable<MappingEntry> Percentage(MappingEntry old, MappingNode mapping)
        => [Nodes.Entry(old, "percentage", Hundredths(old.Position, old.Value))];

    internal static IEnumerable<MappingEntry> HeaderValue(MappingEntry old, MappingNode matcher)
        => IsRegex(matcher) ? [Nodes.Entry(old, "safe_regex_match", RegexOf(old))] : [Nodes.Entry(old, "exact_match", old.Value)];

    internal static IEnumerable<MappingEntry> QueryValue(MappingEntry old, MappingNode matcher)
        => [Nodes.Entry(old, "string_match", IsRegex(matcher) ? SafeRegex(old.Value) : Nodes.Mapping(old.Position, ("exact", old.Value)))];

    /// <summary>regex: true only said how to read the value beside it.</summary>
    internal static IEnumerable<MappingEntry> WithValue(MappingEntry old, MappingNode matcher) => [];

    internal static IEnumerable<MappingEntry> HeaderCondition(MappingEntry old, string header, string match, Node value)
        => [Nodes.Entry(old, "headers", Nodes.Sequence(old.Position, Nodes.Mapping(old.Position, ("name", Nodes.Text(old.Position, header)), (match, value))))];

    internal static IEnumerable<MappingEntry> Origins(MappingEntry old, Func<Node, Node> matcher)
        => [Nodes.Entry(old, "allow_origin_string_match", Nodes.Sequence(old.Position, Nodes.Items(old.Value).Select(matcher)))];

    internal static IEnumerable<MappingEntry> CorsEnabled(MappingEntry old, MappingNode policy)
    {
        var percent = Nodes.Number(old.Position, Nodes.TextOf(old.Value) == "false" ? 0 : 100);
        return [Nodes.Entry(old, "filter_enabled", Nodes.Mapping(old.Position, ("default_value", Hundredths(old.Position, percent))))];
    }

    private static bool IsRegex(MappingNode matcher) => Nodes.TextOf(matcher.Find("regex")) == "true";

    private static MappingNode Hundredths(SourcePosition at, Node? percent)
        => Nodes.Mapping(at, ("numerator", percent ?? Nodes.Number(at, 0)), ("denominator", Nodes.Text(at, "HUNDRED")));
}
