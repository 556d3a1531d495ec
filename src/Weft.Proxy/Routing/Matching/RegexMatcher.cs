using System.Text.RegularExpressions;
using Google.Protobuf;
using Weft.Config;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// A RegexMatcher: a regular expression in RE2's syntax that must match the whole value. Time is linear in the value
/// whatever the expression. Immutable; any thread.
/// </summary>
/// <remarks>
/// Differences to RE2 that remain: <c>\b</c> and <c>(?i)</c> know letters beyond ASCII, <c>.</c> takes two steps over characters
/// beyond U+FFFF, and scripts (<c>\p{Greek}</c>) are refused.
/// </remarks>
public sealed class RegexMatcher : StringMatcher
{
    private readonly Re2Literal _literal;
    private readonly PerThreadRegex _regex;

    private RegexMatcher(string re2, string pattern)
    {
        _literal = Re2Literal.Of(re2);
        _regex = new PerThreadRegex(pattern);
    }

    /// <summary>What every match begins with.</summary>
    internal ReadOnlyMemory<byte> LiteralPrefix => _literal.Prefix;

    /// <summary>What matches, where that is one text or all that begins so; null for other expressions.</summary>
    internal PathExtent? Extent => _literal.Rest switch
    {
        Re2Rest.Nothing => PathExtent.Of(_literal.Prefix, isPrefix: false, ignoresCase: false),
        Re2Rest.Anything => PathExtent.Of(_literal.Prefix, isPrefix: true, ignoresCase: false),
        _ => null,
    };

    public override bool IsMatch(ReadOnlySpan<byte> value)
    {
        if (!value.StartsWith(_literal.Prefix)) return false;
        return _literal.Rest switch
        {
            Re2Rest.Nothing => value.Length == _literal.Prefix.Length,
            Re2Rest.Anything => !value[_literal.Prefix.Length..].Contains((byte)'\n'),
            _ => _regex.OfThread.IsMatch(MatchScratch.OfThread.Decode(value)),
        };
    }

    /// <summary>Compiles; a fault is reported at the field <c>regex</c> and yields a matcher that never matches. <c>google_re2</c> is accepted, its program size limit ignored.</summary>
    public static StringMatcher Create(Envoy.Type.Matcher.V3.RegexMatcher config, ConfigContext context) => Create(config, config.Regex, context);

    /// <summary>The same for another message that has a field <c>regex</c>.</summary>
    internal static StringMatcher Create(IMessage at, string regex, ConfigContext context)
    {
        if (Compile(regex, wholeValue: true, out var error) is { } pattern) return new RegexMatcher(regex, pattern);
        context.Error(at, "regex", error);
        return Never;
    }

    /// <summary>RE2 to .NET, checked by building it once; null with the reason when it cannot be used.</summary>
    internal static string? Compile(string re2, bool wholeValue, out string error)
    {
        if (Re2Pattern.Translate(re2, out error) is not { } pattern) return null;
        if (wholeValue) pattern = $@"\A(?:{pattern})\z";
        try
        {
            _ = new Regex(pattern, PerThreadRegex.Options);
            return pattern;
        }
        catch (RegexParseException e)
        {
            error = $"invalid regular expression '{re2}': {e.Error}";
        }
        catch (NotSupportedException)
        {
            error = $"regular expression '{re2}' is too large: its automaton would have too many states";
        }

        return null;
    }
}
