namespace Weft.Proxy.Stats;

/// <summary>
/// A rule by words between dots: <c>$</c> is the value, <c>*</c> any word, <c>**</c> one or more words, all others stand for
/// themselves: <c>cluster.*.grpc.$.**</c>.
/// </summary>
internal sealed class TokenTagRule : TagRule
{
    private readonly string[] _tokens;
    private readonly int _valueToken;

    public TokenTagRule(string tagName, string pattern)
        : base(tagName)
    {
        _tokens = pattern.Split('.');
        _valueToken = Array.IndexOf(_tokens, "$");
        FirstWord = _tokens[0] is "$" or "*" or "**" ? "" : _tokens[0];
    }

    public override bool TryFind(ReadOnlySpan<char> name, out Range removed, out Range value)
    {
        value = default;
        removed = default;
        if (!TryMatch(name, 0, 0, ref value))
            return false;
        var (start, end) = (value.Start.Value, value.End.Value);
        // One dot goes with the word: the one behind it, or at the end of the name the one before.
        if (end < name.Length)
            end++;
        else if (start > 0)
            start--;
        removed = start..end;
        return true;
    }

    /// <summary>Matches the tokens from <paramref name="token"/> on with the words from <paramref name="position"/> on.</summary>
    private bool TryMatch(ReadOnlySpan<char> name, int token, int position, ref Range value)
    {
        for (; token < _tokens.Length; token++)
        {
            if (position > name.Length)
                return false;
            var end = WordEnd(name, position);
            if (token == _valueToken)
                value = position..end;
            else if (_tokens[token] == "**")
                return token == _tokens.Length - 1 || TryMatchLater(name, token + 1, position, ref value);
            else if (_tokens[token] != "*" && !name[position..end].SequenceEqual(_tokens[token]))
                return false;
            position = end + 1;
        }

        return position > name.Length;
    }

    /// <summary>The rest of the pattern may begin at any of the words from <paramref name="position"/> on.</summary>
    private bool TryMatchLater(ReadOnlySpan<char> name, int token, int position, ref Range value)
    {
        for (; position <= name.Length; position = WordEnd(name, position) + 1)
        {
            if (TryMatch(name, token, position, ref value))
                return true;
        }

        return false;
    }

    private static int WordEnd(ReadOnlySpan<char> name, int position)
    {
        var dot = name[position..].IndexOf('.');
        return dot < 0 ? name.Length : position + dot;
    }
}
