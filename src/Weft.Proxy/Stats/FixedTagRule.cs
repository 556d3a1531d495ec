namespace Weft.Proxy.Stats;

/// <summary>A tag that every statistic has, with a value from the configuration (stats_tags fixed_value).</summary>
internal sealed class FixedTagRule(string tagName, string value) : TagRule(tagName)
{
    public override string FixedValue => value;

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        removed = value = default;
        return true;
    }
}
