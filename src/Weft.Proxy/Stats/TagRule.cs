namespace Weft.Proxy.Stats;

/// <summary>
/// Finds the value of one tag in the name of a statistic, and the part of the name that goes when the tag is taken out. Immutable.
/// </summary>
/// <param name="tagName">The tag, as Envoy names it (<c>envoy.cluster_name</c>).</param>
public abstract class TagRule(string tagName)
{
    public string TagName { get; } = tagName;

    /// <summary>The rule concerns only names whose first word (up to the dot) is this; "" when it may concern any.</summary>
    public string FirstWord { get; protected init; } = "";

    /// <summary>Looks for the tag.</summary>
    /// <param name="name">The whole name of a statistic.</param>
    /// <param name="removed">What goes out of the name.</param>
    /// <param name="value">Where the value stands in the name.</param>
    public abstract bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value);

    /// <summary>How the value is told, where it stands in the name in another form; null: as it stands there.</summary>
    public virtual string? Spell(ReadOnlySpan<char> value) => null;

    /// <summary>The value when it does not stand in the name; null otherwise.</summary>
    public virtual string? FixedValue => null;
}
