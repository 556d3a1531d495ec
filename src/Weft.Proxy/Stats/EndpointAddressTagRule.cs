using System.Text.RegularExpressions;

namespace Weft.Proxy.Stats;

/// <summary>The address in statistics of single endpoints, <c>cluster.NAME.endpoint.ADDRESS.WHAT</c>, where underscores stand for its colons.</summary>
internal sealed partial class EndpointAddressTagRule : TagRule
{
    public EndpointAddressTagRule(string tagName)
        : base(tagName) => FirstWord = "cluster";

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        removed = value = default;
        if (!name.Contains(".endpoint.", StringComparison.Ordinal) || !Pattern().IsMatch(name))
            return false;
        var address = Pattern().Match(name.ToString()).Groups[1];
        removed = address.Index..(address.Index + address.Length + 1);
        value = address.Index..(address.Index + address.Length);
        return true;
    }

    /// <summary>Only a path may have underscores of its own.</summary>
    public override string? Spell(ReadOnlySpan<char> value) => value is ['/', ..] ? null : value.ToString().Replace('_', ':');

    [GeneratedRegex(@"^cluster\.[^\.]+\.endpoint\.(.+)\.[a-z_]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
