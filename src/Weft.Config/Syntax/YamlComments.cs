using YamlDotNet.Core;
using YamlDotNet.Core.Tokens;

namespace Weft.Config.Syntax;

/// <summary>The comments and empty lines of a YAML text, in order, for a printer that keeps them.</summary>
internal static class YamlComments
{
    /// <summary>By line: the comment with its #, or empty for an empty line; of several empty lines in a row only the first.</summary>
    internal static List<(int Line, string Text)> Of(string text)
    {
        var comments = Scan(text);
        var lines = text.Split('\n');
        var wasEmpty = true;
        for (var i = 0; i < lines.Length; i++)
        {
            var isEmpty = string.IsNullOrWhiteSpace(lines[i]);
            if (isEmpty && !wasEmpty && i < lines.Length - 1) comments.Add((i + 1, ""));
            wasEmpty = isEmpty;
        }

        comments.Sort(static (a, b) => a.Line.CompareTo(b.Line));
        return comments;
    }

    private static List<(int Line, string Text)> Scan(string text)
    {
        var found = new List<(int, string)>();
        var scanner = new Scanner(new StringReader(text), skipComments: false);
        while (scanner.MoveNext())
        {
            if (scanner.Current is Comment comment) found.Add(((int)comment.Start.Line, $"# {comment.Value.Trim()}"));
        }

        return found;
    }
}
