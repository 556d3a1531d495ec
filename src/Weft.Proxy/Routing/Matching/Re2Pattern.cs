using System.Globalization;
using System.Text;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// Translates RE2's syntax to .NET's, token by token, so that an expression means here what it means there; refuses with
/// RE2's words what RE2 refuses, and by name the few things that cannot be expressed.
/// Source: RE2's syntax page.
/// </summary>
internal ref struct Re2Pattern
{
    private const int MaxRepeat = 1000;

    private readonly ReadOnlySpan<char> _re2;
    private readonly StringBuilder _output;
    private readonly Stack<bool> _multilineOutside;
    private int _at;
    private bool _multiline;
    private string? _error;

    private Re2Pattern(string re2)
    {
        _re2 = re2;
        _output = new StringBuilder(re2.Length + 16);
        _multilineOutside = new Stack<bool>();
    }

    /// <summary>The expression for <see cref="PerThreadRegex.Options"/>, or null with the reason.</summary>
    public static string? Translate(string re2, out string error)
    {
        var pattern = new Re2Pattern(re2);
        pattern.Run();
        error = pattern._error is null ? "" : $"{pattern._error}: {re2}";
        return pattern._error is null ? pattern._output.ToString() : null;
    }

    private void Run()
    {
        while (_error is null && _at < _re2.Length)
        {
            var c = _re2[_at];
            switch (c)
            {
                case '\\':
                    TranslateEscape();
                    break;
                case '[':
                    _error = Re2CharacterClass.Translate(_re2, ref _at, _output);
                    break;
                case '(':
                    TranslateGroup();
                    break;
                case ')' when _multilineOutside.Count > 0:
                    _multiline = _multilineOutside.Pop();
                    Copy(1);
                    break;
                case ')':
                    _error = "unexpected )";
                    break;
                case '$' when !_multiline:
                    // RE2's $ is the very end; .NET's would also stand before a last newline.
                    _output.Append(@"\z");
                    _at++;
                    break;
                case '{':
                    TranslateBrace();
                    break;
                case '#' or ' ':
                    _output.Append('\\');
                    Copy(1);
                    break;
                default:
                    Copy(1);
                    break;
            }
        }

        if (_error is null && _multilineOutside.Count > 0) _error = "missing )";
    }

    private void Copy(int count)
    {
        _output.Append(_re2.Slice(_at, count));
        _at += count;
    }

    private void TranslateBrace()
    {
        var rest = _re2[_at..];
        var end = rest.IndexOf('}');
        if (end < 0 || !IsRepeat(rest[1..end]))
        {
            _output.Append(@"\{");
            _at++;
            return;
        }

        Copy(end + 1);
    }

    private bool IsRepeat(ReadOnlySpan<char> bounds)
    {
        var comma = bounds.IndexOf(',');
        var least = comma < 0 ? bounds : bounds[..comma];
        var most = comma < 0 ? default : bounds[(comma + 1)..];
        if (!IsNumber(least) || (!most.IsEmpty && !IsNumber(most))) return false;
        if (!InRange(least) || (!most.IsEmpty && (!InRange(most) || Number(most) < Number(least))))
            _error = $"invalid repetition size: {{{bounds}}}";
        return true;

        static bool IsNumber(ReadOnlySpan<char> digits) => !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9');
        static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);
        static bool InRange(ReadOnlySpan<char> digits) => digits.Length <= 9 && Number(digits) <= MaxRepeat;
    }

    private void TranslateGroup()
    {
        _multilineOutside.Push(_multiline);
        var rest = _re2[_at..];
        if (!rest.StartsWith("(?"))
        {
            Copy(1);
        }
        else if (rest.StartsWith("(?P<") || (rest.StartsWith("(?<") && !rest.StartsWith("(?<=") && !rest.StartsWith("(?<!")))
        {
            TranslateNamedGroup(rest);
        }
        else
        {
            TranslateFlags(rest);
        }
    }

    /// <summary>Named groups become plain ones: .NET would number them behind the unnamed, RE2 numbers all from left to right.</summary>
    private void TranslateNamedGroup(ReadOnlySpan<char> rest)
    {
        var open = rest.IndexOf('<');
        var close = rest.IndexOf('>');
        if (close <= open + 1 || rest[(open + 1)..close].ContainsAnyExcept(s_nameCharacters))
        {
            _error = "invalid named capture group";
            return;
        }

        _output.Append('(');
        _at += close + 1;
    }

    private static readonly System.Buffers.SearchValues<char> s_nameCharacters
        = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    /// <summary><c>(?flags)</c> and <c>(?flags:</c>, of which <c>(?:</c> is one.</summary>
    private void TranslateFlags(ReadOnlySpan<char> rest)
    {
        var negated = false;
        for (var i = 2; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case 'i' or 's':
                    break;
                case 'm':
                    _multiline = !negated;
                    break;
                case 'U':
                    _error = "not supported: ungreedy flag (?U)";
                    return;
                case '-' when !negated:
                    negated = true;
                    break;
                case ':':
                    Copy(i + 1);
                    return;
                case ')' when i > 2 && rest[i - 1] != '-':
                    // The flags hold to the end of the group that is open around them.
                    _multilineOutside.Pop();
                    Copy(i + 1);
                    return;
                default:
                    _error = $"invalid perl operator: {rest[..(i + 1)]}";
                    return;
            }
        }

        _error = "missing )";
    }

    private void TranslateEscape()
    {
        if (_at + 1 >= _re2.Length)
        {
            _error = @"trailing \";
            return;
        }

        var c = _re2[_at + 1];
        switch (c)
        {
            case 'Q':
                TranslateQuoted();
                break;
            case 'A' or 'z' or 'b' or 'B':
                Copy(2);
                break;
            case 'C':
                _error = @"not supported: \C (one byte)";
                break;
            default:
                if (Re2Escape.TryClass(_re2, ref _at, out var set, out _error)) _output.Append('[').Append(set).Append(']');
                else if (_error is null && Re2Escape.TryCharacter(_re2, ref _at, out var rune)) Re2Escape.Append(_output, rune);
                else _error ??= $"invalid escape sequence: \\{c}";
                break;
        }
    }

    /// <summary><c>\Q...\E</c>: literal text; without <c>\E</c> to the end.</summary>
    private void TranslateQuoted()
    {
        var text = _re2[(_at + 2)..];
        var end = text.IndexOf(@"\E");
        var literal = end < 0 ? text : text[..end];
        foreach (var c in literal) Re2Escape.Append(_output, c);
        _at = end < 0 ? _re2.Length : _at + 2 + end + 2;
    }
}
