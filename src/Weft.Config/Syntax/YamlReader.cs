using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Weft.Config.Syntax;

/// <summary>
/// Reads the first document of a YAML text into nodes. Works on parser events, not on a document model, because a key may stand twice.
/// Knows anchors, aliases, merge keys and the tag <c>!ignore</c>, which hides an entry (the usual way to hold anchors).
/// </summary>
internal sealed class YamlReader
{
    // A file that nests aliases in aliases may describe more than fits in memory; this is far above any real configuration.
    private const int MaxAliasedNodes = 2_000_000;
    private const int MaxDepth = 200;

    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly string _file;
    private readonly Dictionary<string, Node> _anchors = [];
    private readonly Dictionary<Node, int> _sizes = new(ReferenceEqualityComparer.Instance);
    private readonly Stack<Mark> _openFlows = new();
    private int _size;
    private int _depth;

    private YamlReader(string text, string file)
    {
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
        _file = file;
    }

    /// <summary>The root of the first document; null for an empty text. Throws <see cref="SyntaxFault"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The name that stands in positions.</param>
    /// <param name="second">Where a second document begins, which nobody reads.</param>
    internal static Node? Read(string text, string file, out SourcePosition? second)
    {
        var reader = new YamlReader(text, file);
        try
        {
            return reader.ReadDocument(out second);
        }
        catch (YamlException e)
        {
            throw YamlFaults.Explain(e, file, text, reader._openFlows);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner gives up in this way on some unclosed brackets.
            throw YamlFaults.Explain(reader._scanner.CurrentPosition, file, reader._openFlows);
        }
    }

    private Node? ReadDocument(out SourcePosition? second)
    {
        second = null;
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _)) return null;
        var root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var next)) second = At(next.Start);
        return root;
    }

    private Node ReadNode()
    {
        if (_parser.TryConsume<Scalar>(out var scalar)) return Anchored(scalar.Anchor, ReadScalar(scalar), 1);
        if (_parser.TryConsume<AnchorAlias>(out var alias)) return Resolve(alias);
        if (++_depth > MaxDepth) throw new SyntaxFault(At(_parser.Current!.Start), $"nested deeper than {MaxDepth} levels");
        var before = _size;
        Node node;
        AnchorName anchor;
        if (_parser.TryConsume<SequenceStart>(out var sequence)) (node, anchor) = (ReadSequence(sequence), sequence.Anchor);
        else
        {
            var mapping = _parser.Consume<MappingStart>();
            (node, anchor) = (ReadMapping(mapping), mapping.Anchor);
        }

        _depth--;
        return Anchored(anchor, node, _size - before + 1);
    }

    private SequenceNode ReadSequence(SequenceStart start)
    {
        var node = new SequenceNode(At(start.Start));
        if (start.Style == SequenceStyle.Flow) _openFlows.Push(start.Start);
        while (!_parser.TryConsume<SequenceEnd>(out _)) node.Items.Add(ReadNode());
        if (start.Style == SequenceStyle.Flow) _openFlows.Pop();
        return node;
    }

    private MappingNode ReadMapping(MappingStart start)
    {
        var node = new MappingNode(At(start.Start));
        if (start.Style == MappingStyle.Flow) _openFlows.Push(start.Start);
        while (!_parser.TryConsume<MappingEnd>(out _)) ReadEntry(node);
        if (start.Style == MappingStyle.Flow) _openFlows.Pop();
        return node;
    }

    private void ReadEntry(MappingNode node)
    {
        var at = _parser.Current!.Start;
        var ignored = _parser.Current is Scalar { Tag.IsEmpty: false } tagged && tagged.Tag.Value == "!ignore";
        var plain = _parser.Current is Scalar { Style: ScalarStyle.Plain };
        var key = ReadKey(at);
        var value = ReadNode();
        if (ignored) return;
        if (key == "<<" && plain) Merge(node, value, At(at));
        else node.Entries.Add(new MappingEntry(key, At(at), value));
    }

    private string ReadKey(Mark at)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            Anchored(scalar.Anchor, ReadScalar(scalar), 1);
            return scalar.Value;
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias) && Resolve(alias) is ScalarNode aliased) return aliased.Text;
        throw new SyntaxFault(At(at), "a key must be a single value");
    }

    // What is written in the mapping itself wins over what is merged into it, so merged entries go to the front.
    private static void Merge(MappingNode node, Node value, SourcePosition at)
    {
        switch (value)
        {
            case MappingNode source:
                node.Entries.InsertRange(0, source.Entries.Select(static e => new MappingEntry(e.Key, e.Position, e.Value, merged: true)));
                break;
            case SequenceNode sources:
                foreach (var source in sources.Items) Merge(node, source, at);
                break;
            default:
                throw new SyntaxFault(at, "a merge key needs a mapping or a list of mappings");
        }
    }

    private ScalarNode ReadScalar(Scalar scalar)
    {
        var plain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value != "tag:yaml.org,2002:str");
        return plain ? YamlScalar.Plain(At(scalar.Start), scalar.Value) : new ScalarNode(At(scalar.Start), ScalarKind.String, scalar.Value);
    }

    private Node Resolve(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            throw new SyntaxFault(At(alias.Start), $"there is no anchor &{alias.Value.Value}");
        _size += _sizes[node];
        if (_size > MaxAliasedNodes) throw new SyntaxFault(At(alias.Start), $"aliases make this text larger than {MaxAliasedNodes} values");
        return node;
    }

    private Node Anchored(AnchorName anchor, Node node, int size)
    {
        if (size == 1) _size++;
        if (anchor.IsEmpty) return node;
        _anchors[anchor.Value] = node;
        _sizes[node] = size;
        return node;
    }

    private SourcePosition At(Mark mark) => new(_file, (int)mark.Line, (int)mark.Column);
}
