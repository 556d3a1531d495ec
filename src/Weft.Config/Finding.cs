using System.Text;

namespace Weft.Config;

/// <summary>How grave a finding is.</summary>
public enum Severity
{
    /// <summary>The configuration must not be used.</summary>
    Error,

    /// <summary>It can be used, but somebody should change it.</summary>
    Warning,

    /// <summary>Worth knowing; nothing needs to change.</summary>
    Note,
}

/// <summary>One thing found in a configuration.</summary>
/// <param name="Severity">How grave it is.</param>
/// <param name="Position">Where it stands; null when the configuration did not come from text.</param>
/// <param name="FieldPath">The field, from the root: <c>static_resources.listeners[0].name</c>; empty when it concerns the whole.</param>
/// <param name="Text">What is wrong, in one sentence without a full stop.</param>
/// <param name="Suggestion">What was probably meant; null when there is nothing close.</param>
public sealed record Finding(Severity Severity, SourcePosition? Position, string FieldPath, string Text, string? Suggestion = null)
{
    /// <summary><c>file:line:column  path  text; did you mean x?</c>, without the parts that are not known.</summary>
    public override string ToString()
    {
        var line = new StringBuilder();
        if (Position is { } position) line.Append(position.ToString()).Append("  ");
        if (FieldPath.Length > 0) line.Append(FieldPath).Append("  ");
        line.Append(Text);
        if (Suggestion is not null) line.Append("; did you mean ").Append(Suggestion).Append('?');
        return line.ToString();
    }
}
