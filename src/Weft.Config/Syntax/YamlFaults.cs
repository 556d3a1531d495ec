using YamlDotNet.Core;

namespace Weft.Config.Syntax;

/// <summary>Turns what the YAML parser says into a sentence with the position that helps.</summary>
internal static class YamlFaults
{
    /// <summary>A fault the parser has explained.</summary>
    internal static SyntaxFault Explain(YamlException e, string file, string text, Stack<Mark> openFlows)
    {
        if (e.Message.Contains("tab", StringComparison.Ordinal) && FindTab(text, e.Start) is { } tab)
            return new SyntaxFault(new SourcePosition(file, tab.Line, tab.Column), "a tab stands where a line is indented; YAML wants spaces");
        var sentence = Sentence(e);
        return new SyntaxFault(At(e.Start, file), openFlows.Count == 0 ? sentence : $"{sentence}; {Open(openFlows)}");
    }

    /// <summary>A fault on which the parser broke down.</summary>
    internal static SyntaxFault Explain(Mark at, string file, Stack<Mark> openFlows)
        => new(At(at, file), openFlows.Count == 0 ? "this is no YAML" : Open(openFlows));

    private static string Open(Stack<Mark> openFlows)
        => $"the bracket opened in line {openFlows.Peek().Line}, column {openFlows.Peek().Column} is not closed";

    // "While parsing a block mapping, did not find expected key."
    private static string Sentence(YamlException e)
    {
        var text = (e.InnerException?.Message ?? e.Message).TrimEnd('.');
        var behindPosition = text.LastIndexOf("): ", StringComparison.Ordinal);
        if (text.StartsWith('(') && behindPosition > 0) text = text[(behindPosition + 3)..];
        return text.Length > 0 ? char.ToLowerInvariant(text[0]) + text[1..] : "this is no YAML";
    }

    // The parser gives the beginning of the mapping; the tab stands in a later line.
    private static (int Line, int Column)? FindTab(string text, Mark from)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (++number < from.Line) continue;
            var indent = line.Length - line.TrimStart().Length;
            var tab = line[..indent].IndexOf('\t');
            if (tab >= 0 && indent < line.Length) return (number, tab + 1);
        }

        return null;
    }

    private static SourcePosition At(Mark mark, string file) => new(file, (int)mark.Line, (int)mark.Column);
}
