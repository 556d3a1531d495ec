using System.Globalization;

namespace Weft.Proxy.Expressions.Syntax;

/// <summary>Takes the text of an expression apart. Source: the lexis of the CEL language definition.</summary>
internal sealed class CelLexer(string text)
{
    private static readonly string[] s_symbols =
    [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}",
    ];

    private int _at;

    /// <exception cref="CelSyntaxException">There is no token here.</exception>
    public CelToken Next()
    {
        SkipBlanks();
        if (_at >= text.Length)
            return new CelToken(CelTokenKind.End, "", null, _at);
        var start = _at;
        if (CelStringLiteral.TryRead(text, ref _at, out var isBytes, out var content, out var bytes))
            return new CelToken(isBytes ? CelTokenKind.Bytes : CelTokenKind.String, content, bytes, start);
        var first = text[_at];
        if (char.IsAsciiLetter(first) || first == '_')
            return Identifier(start);
        if (char.IsAsciiDigit(first) || (first == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
            return Number(start);
        foreach (var symbol in s_symbols)
        {
            if (!text.AsSpan(_at).StartsWith(symbol))
                continue;
            _at += symbol.Length;
            return new CelToken(CelTokenKind.Symbol, symbol, null, start);
        }

        throw new CelSyntaxException(start, $"token recognition error at: '{first}'");
    }

    private void SkipBlanks()
    {
        while (_at < text.Length)
        {
            if (text[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
                _at++;
            else if (text.AsSpan(_at).StartsWith("//"))
                _at = text.IndexOf('\n', _at) is >= 0 and var end ? end : text.Length;
            else
                return;
        }
    }

    private CelToken Identifier(int start)
    {
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
            _at++;
        return new CelToken(CelTokenKind.Identifier, text[start.._at], null, start);
    }

    private CelToken Number(int start)
    {
        if (text.AsSpan(_at).StartsWith("0x"))
        {
            _at += 2;
            SkipWhile(char.IsAsciiHexDigit);
            return Integer(start);
        }

        SkipWhile(char.IsAsciiDigit);
        var isDouble = false;
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            isDouble = true;
            _at++;
            SkipWhile(char.IsAsciiDigit);
        }

        isDouble |= SkipExponent();
        return isDouble ? new CelToken(CelTokenKind.Double, text[start.._at], null, start) : Integer(start);
    }

    private bool SkipExponent()
    {
        if (_at >= text.Length || text[_at] is not ('e' or 'E'))
            return false;
        var digits = _at + 1;
        if (digits < text.Length && text[digits] is '+' or '-')
            digits++;
        if (digits >= text.Length || !char.IsAsciiDigit(text[digits]))
            return false;
        _at = digits;
        SkipWhile(char.IsAsciiDigit);
        return true;
    }

    private CelToken Integer(int start)
    {
        var digits = text[start.._at];
        if (_at >= text.Length || text[_at] is not ('u' or 'U'))
            return new CelToken(CelTokenKind.Int, digits, null, start);
        _at++;
        return new CelToken(CelTokenKind.Uint, digits, null, start);
    }

    private void SkipWhile(Func<char, bool> condition)
    {
        while (_at < text.Length && condition(text[_at]))
            _at++;
    }

    /// <summary>The digits of an integer, decimal or with 0x; false when they are too many.</summary>
    public static bool TryParse(string digits, out ulong value) => digits.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
