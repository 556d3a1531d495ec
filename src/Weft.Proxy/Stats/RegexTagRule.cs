using System.Text.RegularExpressions;

namespace Weft.Proxy.Stats;

/// <summary>
/// A rule by regular expression: the first group goes out of the name, the second (or the first when there is no other) is the
/// value. The expression is compiled at its first use.
/// </summary>
/// <param name="tagName">The tag.</param>
/// <param name="pattern">The expression; it may match anywhere in the name.</param>
/// <param name="contained">Text that a name must contain, to spare the others the expression; "" for none.</param>
/// <param name="exceptValue">A value that is not taken; "" for none.</param>
internal sealed class RegexTagRule(string tagName, string pattern, string contained = "", string exceptValue = "") : TagRule(tagName)
{
    private Regex? _regex;

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        removed = value = default;
        if (!name.Contains(contained, StringComparison.Ordinal))
            return false;
        _regex ??= new Regex(pattern, RegexOptions.CultureInvariant);
        if (!_regex.IsMatch(name))
            return false;
        var match = _regex.Match(name.ToString());
        var whole = match.Groups[1];
        if (whole.Length == 0)
            return false;
        var inner = match.Groups.Count > 2 && match.Groups[2].Length > 0 ? match.Groups[2] : whole;
        if (exceptValue.Length > 0 && inner.ValueSpan.SequenceEqual(exceptValue))
            return false;
        removed = whole.Index..(whole.Index + whole.Length);
        value = inner.Index..(inner.Index + inner.Length);
        return true;
    }
}
