using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Weft.Base.Buffers;
using Weft.Config;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// RegexMatchAndSubstitute: every match is replaced by the substitution, in which <c>\1</c> to <c>\9</c> are groups, <c>\0</c> the whole
/// match and <c>\\</c> a backslash. Immutable; any thread. Allocates when the substitution uses groups.
/// </summary>
public sealed class RegexRewrite
{
    private readonly PerThreadRegex _regex;
    private readonly RegexSubstitution _substitution;

    private RegexRewrite(string pattern, RegexSubstitution substitution)
    {
        _regex = new PerThreadRegex(pattern);
        _substitution = substitution;
    }

    /// <summary>Compiles; a fault is reported in the context and yields null.</summary>
    public static RegexRewrite? Create(Envoy.Type.Matcher.V3.RegexMatchAndSubstitute config, ConfigContext context)
    {
        var re2 = config.Pattern?.Regex ?? "";
        if (RegexMatcher.Compile(re2, wholeValue: false, out var error) is not { } pattern)
        {
            context.Error(config.Pattern ?? (Google.Protobuf.IMessage)config, "regex", error);
            return null;
        }

        var groups = new Regex(pattern, PerThreadRegex.Options).GetGroupNumbers().Length - 1;
        if (RegexSubstitution.Parse(config.Substitution, groups, out error) is { } substitution) return new RegexRewrite(pattern, substitution);
        context.Error(config, "substitution", error);
        return null;
    }

    /// <summary>Appends <paramref name="value"/> with every match replaced; as it is when it is no UTF-8.</summary>
    public void Replace(ReadOnlySpan<byte> value, ByteWriter output)
    {
        if (!Utf8.IsValid(value))
        {
            output.Write(value);
            return;
        }

        var text = MatchScratch.OfThread.Decode(value);
        if (_substitution.UsesGroups) ReplaceWithGroups(text.ToString(), output);
        else ReplaceWithText(text, output);
    }

    private void ReplaceWithText(ReadOnlySpan<char> text, ByteWriter output)
    {
        var done = 0;
        foreach (var match in _regex.OfThread.EnumerateMatches(text))
        {
            output.Write(text[done..match.Index]);
            _substitution.Write(text.Slice(match.Index, match.Length), output);
            done = match.Index + match.Length;
        }

        output.Write(text[done..]);
    }

    private void ReplaceWithGroups(string text, ByteWriter output)
    {
        var done = 0;
        for (var match = _regex.OfThread.Match(text); match.Success; match = match.NextMatch())
        {
            output.Write(text.AsSpan(done, match.Index - done));
            _substitution.Write(match, output);
            done = match.Index + match.Length;
        }

        output.Write(text.AsSpan(done));
    }
}

/// <summary>The right-hand side of a <see cref="RegexRewrite"/>: texts and groups in turn. Immutable.</summary>
internal sealed class RegexSubstitution
{
    private readonly List<(byte[] Text, int Group)> _parts;

    private RegexSubstitution(List<(byte[] Text, int Group)> parts)
    {
        _parts = parts;
        UsesGroups = parts.Exists(static part => part.Group > 0);
    }

    /// <summary>A group other than the whole match is used.</summary>
    public bool UsesGroups { get; }

    /// <summary>Null with the reason when the text has a wrong escape or a group that the expression lacks.</summary>
    public static RegexSubstitution? Parse(string text, int groups, out string error)
    {
        var parts = new List<(byte[], int)>();
        var literal = new StringBuilder();
        error = "";
        for (var i = 0; i < text.Length; i++)
        {
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (text[i] != '\\')
            {
                literal.Append(text[i]);
            }
            else if (next == '\\')
            {
                literal.Append('\\');
                i++;
            }
            else if (char.IsAsciiDigit(next) && next - '0' <= groups)
            {
                parts.Add((Encoding.UTF8.GetBytes(literal.ToString()), next - '0'));
                literal.Clear();
                i++;
            }
            else
            {
                error = char.IsAsciiDigit(next)
                    ? $"invalid substitution: \\{next} when the expression has {groups} group(s)"
                    : "invalid substitution: a backslash must be followed by a digit or a backslash";
                return null;
            }
        }

        parts.Add((Encoding.UTF8.GetBytes(literal.ToString()), -1));
        return new RegexSubstitution(parts);
    }

    public void Write(ReadOnlySpan<char> wholeMatch, ByteWriter output)
    {
        foreach (var (text, group) in _parts)
        {
            output.Write(text);
            if (group == 0) output.Write(wholeMatch);
        }
    }

    public void Write(Match match, ByteWriter output)
    {
        foreach (var (text, group) in _parts)
        {
            output.Write(text);
            if (group >= 0) output.Write(match.Groups[group].ValueSpan);
        }
    }
}
