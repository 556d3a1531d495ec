using System.Text;

namespace Weft.Proxy.Routing.Matching;

/// <summary>
/// Translates a bracket expression. Written anew character by character, because .NET gives <c>[</c> and <c>-[</c> inside
/// of brackets a meaning that RE2 does not, and lacks <c>[:alpha:]</c>.
/// </summary>
internal static class Re2CharacterClass
{
    private static readonly (string Name, string Set, string Complement)[] s_posix =
    [
        ("alnum", "0-9A-Za-z", @"\x00-/:-@\x5B-`{-\uFFFF"), ("alpha", "A-Za-z", @"\x00-@\x5B-`{-\uFFFF"),
        ("ascii", @"\x00-\x7F", @"\u0080-\uFFFF"), ("blank", @"\t ", @"\x00-\x08\x0A-\x1F!-\uFFFF"),
        ("cntrl", @"\x00-\x1F\x7F", @" -~\u0080-\uFFFF"), ("digit", "0-9", @"\x00-/:-\uFFFF"),
        ("graph", "!-~", @"\x00- \x7F-\uFFFF"), ("lower", "a-z", @"\x00-`{-\uFFFF"), ("print", " -~", @"\x00-\x1F\x7F-\uFFFF"),
        ("punct", @"!-/:-@\x5B-`{-~", @"\x00- 0-9A-Za-z\x7F-\uFFFF"), ("space", @"\t-\r ", @"\x00-\x08\x0E-\x1F!-\uFFFF"),
        ("upper", "A-Z", @"\x00-@\x5B-\uFFFF"), ("word", "0-9A-Za-z_", @"\x00-/:-@\x5B-\x5E`{-\uFFFF"),
        ("xdigit", "0-9A-Fa-f", @"\x00-/:-@G-`g-\uFFFF"),
    ];

    /// <summary>Translates the class that begins at <paramref name="at"/> and moves behind it; the reason when it cannot.</summary>
    public static string? Translate(ReadOnlySpan<char> re2, ref int at, StringBuilder output)
    {
        var first = at + 1;
        output.Append('[');
        if (first < re2.Length && re2[first] == '^')
        {
            output.Append('^');
            first++;
        }

        at = first;
        while (at < re2.Length && (re2[at] != ']' || at == first))
        {
            if (TranslateItem(re2, ref at, output) is { } error) return error;
        }

        if (at >= re2.Length) return "missing ]";
        output.Append(']');
        at++;
        return null;
    }

    private static string? TranslateItem(ReadOnlySpan<char> re2, ref int at, StringBuilder output)
    {
        if (re2[at..].StartsWith("[:")) return TranslatePosix(re2, ref at, output);
        if (re2[at] == '\\' && at + 1 < re2.Length)
        {
            if (Re2Escape.TryClass(re2, ref at, out var set, out var error))
            {
                output.Append(set);
                return null;
            }

            if (error is not null) return error;
        }

        if (!TryCharacter(re2, ref at, out var low)) return "invalid escape sequence in character class";
        var high = low;
        if (at + 1 < re2.Length && re2[at] == '-' && re2[at + 1] != ']')
        {
            at++;
            if (!TryCharacter(re2, ref at, out high)) return "invalid escape sequence in character class";
            if (high < low) return "invalid character class range";
        }

        if (low > 0xFFFF) return "not supported: characters beyond U+FFFF in a character class";
        high = Math.Min(high, 0xFFFF);
        Re2Escape.Append(output, low);
        if (high == low) return null;
        output.Append('-');
        Re2Escape.Append(output, high);
        return null;
    }

    private static string? TranslatePosix(ReadOnlySpan<char> re2, ref int at, StringBuilder output)
    {
        var rest = re2[(at + 2)..];
        var end = rest.IndexOf(":]");
        if (end < 0) return "invalid character class range";
        var name = rest[..end];
        var negated = name.StartsWith("^");
        if (negated) name = name[1..];
        foreach (var (posix, set, complement) in s_posix)
        {
            if (!name.SequenceEqual(posix)) continue;
            output.Append(negated ? complement : set);
            at += 2 + end + 2;
            return null;
        }

        return "invalid character class range";
    }

    private static bool TryCharacter(ReadOnlySpan<char> re2, ref int at, out int rune)
    {
        if (re2[at] == '\\') return TryEscaped(re2, ref at, out rune);
        rune = char.IsHighSurrogate(re2[at]) && at + 1 < re2.Length ? char.ConvertToUtf32(re2[at], re2[at + 1]) : re2[at];
        at += rune > 0xFFFF ? 2 : 1;
        return true;
    }

    private static bool TryEscaped(ReadOnlySpan<char> re2, ref int at, out int rune)
    {
        rune = -1;
        return at + 1 < re2.Length && Re2Escape.TryCharacter(re2, ref at, out rune);
    }
}
