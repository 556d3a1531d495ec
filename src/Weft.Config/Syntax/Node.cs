namespace Weft.Config.Syntax;

/// <summary>What a scalar was written as. YAML decides by the text of an unquoted scalar, JSON by its syntax.</summary>
internal enum ScalarKind
{
    Null,
    Bool,
    Number,
    String,
}

/// <summary>A part of a configuration text, whether it was YAML or JSON.</summary>
internal abstract class Node(SourcePosition position)
{
    internal SourcePosition Position { get; } = position;

    /// <summary>For a message to a person: "a mapping", "a list", "the number 1".</summary>
    internal abstract string Describe();

    internal bool IsNull => this is ScalarNode { Kind: ScalarKind.Null };
}

/// <summary>A single value. <paramref name="written"/>: as it stands in the text, when that differs.</summary>
internal sealed class ScalarNode(SourcePosition position, ScalarKind kind, string text, string? written = null) : Node(position)
{
    internal ScalarKind Kind { get; } = kind;

    /// <summary>The value: a number in decimal, a bool as "true" or "false".</summary>
    internal string Text { get; } = text;

    internal string Written { get; } = written ?? text;

    internal override string Describe() => Kind switch
    {
        ScalarKind.Null => "nothing",
        ScalarKind.Bool => $"the boolean {Written}",
        ScalarKind.Number => $"the number {Written}",
        _ => $"the text \"{Text}\"",
    };
}

/// <summary>A list.</summary>
internal sealed class SequenceNode(SourcePosition position) : Node(position)
{
    internal List<Node> Items { get; } = [];

    internal override string Describe() => "a list";
}

/// <summary>A mapping; entries stand as written, so a key may come more than once.</summary>
internal sealed class MappingNode(SourcePosition position) : Node(position)
{
    internal List<MappingEntry> Entries { get; } = [];

    internal override string Describe() => "a mapping";

    /// <summary>The value under a key, the last one when there are several; null when the key is absent.</summary>
    internal Node? Find(string key) => Entries.FindLast(e => e.Key == key)?.Value;
}

/// <summary>A key with its value. <paramref name="merged"/>: it came from a merge key, so one written in place overrides it without a warning.</summary>
internal sealed class MappingEntry(string key, SourcePosition position, Node value, bool merged = false)
{
    internal string Key { get; } = key;
    internal SourcePosition Position { get; } = position;
    internal Node Value { get; } = value;
    internal bool Merged { get; } = merged;
}
