using System.Text;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// What every match of an expression begins with, as far as that can be seen without trying: it rules most values out
/// before the automaton runs, and lets routes be indexed.
/// </summary>
/// <param name="Prefix">ASCII text; may be empty.</param>
/// <param name="Rest">What may follow it.</param>
internal readonly record struct Re2Literal(byte[] Prefix, Re2Rest Rest)
{
    private static readonly Re2Literal s_unknown = new([], Re2Rest.Expression);

    /// <param name="re2">An expression that is known to be valid.</param>
    public static Re2Literal Of(string re2)
    {
        var pattern = re2.AsSpan();
        if (HasAlternatives(pattern)) return s_unknown;
        if (pattern.StartsWith("^")) pattern = pattern[1..];
        if (pattern.EndsWith("$") && !pattern.EndsWith(@"\$")) pattern = pattern[..^1];
        var prefix = new StringBuilder();
        while (TryTakeLiteral(ref pattern, out var c)) prefix.Append(c);
        var rest = pattern.IsEmpty ? Re2Rest.Nothing : pattern.SequenceEqual(".*") ? Re2Rest.Anything : Re2Rest.Expression;
        return new Re2Literal(Encoding.ASCII.GetBytes(prefix.ToString()), rest);
    }

    /// <summary>A character that means itself and is not repeated.</summary>
    private static bool TryTakeLiteral(ref ReadOnlySpan<char> pattern, out char c)
    {
        c = '\0';
        if (pattern.IsEmpty) return false;
        var isEscaped = pattern[0] == '\\';
        var length = isEscaped ? 2 : 1;
        if (pattern.Length < length) return false;
        c = pattern[length - 1];
        if (c is < ' ' or > '~') return false;
        if (isEscaped ? char.IsAsciiLetterOrDigit(c) : c is '.' or '[' or '(' or ')' or '{' or '*' or '+' or '?' or '|' or '^' or '$') return false;
        if (pattern.Length > length && pattern[length] is '*' or '+' or '?' or '{') return false;
        pattern = pattern[length..];
        return true;
    }

    /// <summary>There is, or may be, a <c>|</c> outside of groups.</summary>
    private static bool HasAlternatives(ReadOnlySpan<char> pattern)
    {
        if (!pattern.Contains('|')) return false;
        // Brackets and quoted text may hold parentheses that are none.
        if (pattern.Contains('[') || pattern.Contains(@"\Q", StringComparison.Ordinal)) return true;
        var depth = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\') i++;
            else if (pattern[i] == '(') depth++;
            else if (pattern[i] == ')') depth--;
            else if (pattern[i] == '|' && depth == 0) return true;
        }

        return false;
    }
}

/// <summary>What follows the literal beginning of an expression.</summary>
internal enum Re2Rest : byte { Expression, Anything, Nothing }
