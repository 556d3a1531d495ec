using System.Text;
using System.Text.RegularExpressions;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// A path template of Envoy's URI template extensions (<c>/media/{id}/**.m3u8</c>), as an expression in RE2's syntax whose groups are the
/// variables. Immutable; any thread.
/// </summary>
internal sealed partial class UriTemplate
{
    private const int MaxVariables = 5;
    private const int MaxNameLength = 16;
    private const string Literal = "a-zA-Z0-9\\-._~%!$&'()+,;:@=";
    private const string Segment = "[" + Literal + "]+";
    private const string Segments = "[" + Literal + "/]*";

    private UriTemplate(string text, string regex, List<string> variables) => (Text, Regex, Variables) = (text, regex, variables);

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>Matches whole paths.</summary>
    public string Regex { get; }

    /// <summary>In the order of their groups.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Null, with the reason, when it is no template.</summary>
    public static UriTemplate? Parse(string text, out string error)
    {
        error = "";
        if (!text.StartsWith('/')) return Fail("it must begin with a slash", out error);
        var regex = new StringBuilder();
        var variables = new List<string>();
        var afterText = false;
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '{')
            {
                var end = text.IndexOf('}', at);
                if (end < 0) return Fail("a variable has no end", out error);
                var parts = text[(at + 1)..end].Split('=', 2);
                if (!NamePattern().IsMatch(parts[0]) || parts[0].Length > MaxNameLength) return Fail($"'{parts[0]}' is no name of a variable", out error);
                if (variables.Contains(parts[0])) return Fail($"there are two variables {parts[0]}", out error);
                variables.Add(parts[0]);
                regex.Append('(');
                if (!TryAppend(parts.Length == 2 ? parts[1] : "*", regex, ref afterText)) return Fail($"'{text[at..(end + 1)]}' cannot be matched", out error);
                regex.Append(')');
                at = end + 1;
                continue;
            }

            var next = text.IndexOf('{', at);
            if (next < 0) next = text.Length;
            if (!TryAppend(text[at..next], regex, ref afterText)) return Fail($"'{text[at..next]}' cannot be matched", out error);
            at = next;
        }

        return variables.Count > MaxVariables ? Fail($"there are more than {MaxVariables} variables", out error) : new UriTemplate(text, regex.ToString(), variables);
    }

    /// <summary>A rewrite template as the substitution of a regular expression; null, with the reason, when it cannot be one.</summary>
    public string? Substitution(string rewrite, out string error)
    {
        error = "";
        var result = new StringBuilder();
        for (var at = 0; at < rewrite.Length; at++)
        {
            if (rewrite[at] != '{')
            {
                result.Append(rewrite[at] == '\\' ? "\\\\" : rewrite[at].ToString());
                continue;
            }

            var end = rewrite.IndexOf('}', at);
            var name = end < 0 ? "" : rewrite[(at + 1)..end];
            var group = Variables.ToList().IndexOf(name);
            if (group < 0)
            {
                error = $"mismatch between variables in path_match_policy {Text} and path_rewrite_policy {rewrite}";
                return null;
            }

            result.Append('\\').Append(group + 1);
            at = end;
        }

        return result.ToString();
    }

    /// <summary>Literal text, <c>*</c> (a segment) and <c>**</c> (any number of them, after which only literal text may come).</summary>
    private static bool TryAppend(string text, StringBuilder regex, ref bool afterText)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '*')
            {
                if (afterText) return false;
                afterText = at + 1 < text.Length && text[at + 1] == '*';
                regex.Append(afterText ? Segments : Segment);
                if (afterText) at++;
            }
            else if (text[at] == '/' ? afterText : !PathCharacter().IsMatch(text.AsSpan(at, 1)))
            {
                return false;
            }
            else
            {
                regex.Append(char.IsAsciiLetterOrDigit(text[at]) || text[at] is '/' or '_' or '-' or '~' or '%' ? text[at].ToString() : "\\" + text[at]);
            }
        }

        return true;
    }

    private static UriTemplate? Fail(string text, out string error)
    {
        error = text;
        return null;
    }

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_]*$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("[" + Literal + "]")]
    private static partial Regex PathCharacter();
}
