namespace Weft.Observe.Configs;

/// <summary>Names of fields in YAML.</summary>
internal static class YamlPath
{
    private const int MaxDepth = 40;

    /// <summary>The fields around the line that begins at a place, outermost first, joined by dots.</summary>
    public static string Of(string yaml, int lineStart)
    {
        var fields = new Stack<string>();
        var indent = IndentOf(yaml, lineStart);
        for (var at = lineStart; at > 0 && indent > 0 && fields.Count < MaxDepth;)
        {
            at = at >= 2 ? yaml.LastIndexOf('\n', at - 2) + 1 : 0;
            var here = IndentOf(yaml, at);
            if (here >= indent)
                continue;
            indent = here;
            var start = at + here;
            var end = yaml.IndexOf(':', start);
            if (end > start && yaml.AsSpan(start, end - start).ContainsOnlyFieldLetters())
                fields.Push(yaml[start..end]);
        }

        return string.Join('.', fields);
    }

    public static bool ContainsOnlyFieldLetters(this ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '@' or '.' or '-'))
                return false;
        }

        return text.Length > 0;
    }

    /// <summary>Spaces and dashes before the first letter.</summary>
    private static int IndentOf(string yaml, int lineStart)
    {
        var at = lineStart;
        while (at < yaml.Length && (yaml[at] == ' ' || (yaml[at] == '-' && at + 1 < yaml.Length && yaml[at + 1] == ' ')))
            at++;
        return at - lineStart;
    }
}
