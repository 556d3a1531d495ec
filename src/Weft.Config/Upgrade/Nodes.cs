using Weft.Config.Syntax;

namespace Weft.Config.Upgrade;

/// <summary>Makes the nodes that take the place of old ones; all of them stand where the old one stood.</summary>
internal static class Nodes
{
    internal static MappingEntry Entry(MappingEntry old, string key, Node value) => new(key, old.Position, value, old.Merged);

    internal static MappingEntry Entry(MappingEntry old, string key, string text) => Entry(old, key, Text(old.Position, text));

    /// <summary>The nested mapping that a path of keys leads to a value through.</summary>
    internal static MappingEntry At(MappingEntry old, ReadOnlySpan<string> path, Node value)
    {
        for (var i = path.Length - 1; i > 0; i--) value = Mapping(old.Position, (path[i], value));
        return Entry(old, path[0], value);
    }

    internal static ScalarNode Text(SourcePosition at, string text) => new(at, ScalarKind.String, text);

    internal static ScalarNode Number(SourcePosition at, int value)
        => new(at, ScalarKind.Number, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    internal static MappingNode Mapping(SourcePosition at, params ReadOnlySpan<(string Key, Node Value)> entries)
    {
        var mapping = new MappingNode(at);
        foreach (var (key, value) in entries) mapping.Entries.Add(new MappingEntry(key, at, value));
        return mapping;
    }

    internal static SequenceNode Sequence(SourcePosition at, params IEnumerable<Node> items)
    {
        var sequence = new SequenceNode(at);
        sequence.Items.AddRange(items);
        return sequence;
    }

    /// <summary>The elements of a list; a single value counts as a list of one.</summary>
    internal static IReadOnlyList<Node> Items(Node node) => node is SequenceNode sequence ? sequence.Items : [node];

    /// <summary>The text of a value; null when it is no single value or empty.</summary>
    internal static string? TextOf(Node? node) => node is ScalarNode { IsNull: false } scalar ? scalar.Text : null;
}
