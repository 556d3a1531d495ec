using Weft.Config.Syntax;

namespace Weft.Config.Printing;

/// <summary>
/// Prints nodes as YAML, with the comments of the text they came from: one that stood above a key or an element stands above it again, one
/// that stood behind a value stands behind it.
/// </summary>
internal sealed class NodePrinter(TextWriter output, List<(int Line, string Text)> comments)
{
    private readonly YamlWriter _writer = new(output);
    private int _nextComment;

    internal void Print(Node root)
    {
        PrintValue(root);
        for (; _nextComment < comments.Count; _nextComment++) output.WriteLine(comments[_nextComment].Text);
    }

    private void PrintValue(Node node)
    {
        switch (node)
        {
            case MappingNode mapping:
                PrintMapping(mapping);
                break;
            case SequenceNode sequence:
                _writer.BeginList();
                foreach (var item in sequence.Items)
                {
                    Above(item.Position.Line);
                    PrintValue(item);
                }

                _writer.EndList();
                break;
            case ScalarNode scalar:
                PrintScalar(scalar);
                break;
        }
    }

    private void PrintMapping(MappingNode mapping)
    {
        _writer.BeginMapping();
        foreach (var entry in mapping.Entries)
        {
            Above(entry.Position.Line);
            _writer.Key(entry.Key);
            // The value of a flow mapping may hold further entries of this line; the comment goes where the line first ends.
            _writer.TrailingComment ??= Behind(entry.Position.Line);
            PrintValue(entry.Value);
        }

        _writer.EndMapping();
    }

    private void PrintScalar(ScalarNode scalar)
    {
        if (scalar.Kind != ScalarKind.String) _writer.Bare(scalar.IsNull ? "null" : scalar.Written);
        else if (scalar.Text.AsSpan().TrimEnd('\n').Contains('\n') && !scalar.Text.AsSpan().ContainsAny("\r\t\"\\") && !scalar.Text.StartsWith(' ')) _writer.Block(scalar.Text);
        else _writer.Text(scalar.Text);
    }

    private void Above(int line)
    {
        for (; _nextComment < comments.Count && comments[_nextComment].Line < line; _nextComment++) _writer.CommentLine(comments[_nextComment].Text);
    }

    private string? Behind(int line)
        => _nextComment < comments.Count && comments[_nextComment].Line == line && comments[_nextComment].Text.Length > 0 ? comments[_nextComment++].Text : null;
}
