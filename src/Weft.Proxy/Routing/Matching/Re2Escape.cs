using System.Globalization;
using System.Text;

namespace Weft.Proxy.Routing.Matching;

/// <summary>The escapes of RE2 that mean a character or a set of characters, inside and outside of brackets.</summary>
internal static class Re2Escape
{
    private const string Digits = "0-9";
    private const string NotDigits = @"\x00-/:-\uFFFF";
    private const string Word = "0-9A-Za-z_";
    private const string NotWord = @"\x00-/:-@\x5B-\x5E`{-\uFFFF";
    private const string Blank = @"\t\n\f\r ";
    private const string NotBlank = @"\x00-\x08\x0B\x0E-\x1F!-\uFFFF";

    private static readonly string[] s_categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co",
    ];

    /// <summary>A set (<c>\d \W \pL \P{Lu}</c>) at <paramref name="at"/>, as the inside of .NET brackets. RE2's are of ASCII.</summary>
    public static bool TryClass(ReadOnlySpan<char> re2, ref int at, out string set, out string? error)
    {
        error = null;
        var c = re2[at + 1];
        set = c switch { 'd' => Digits, 'D' => NotDigits, 'w' => Word, 'W' => NotWord, 's' => Blank, 'S' => NotBlank, _ => "" };
        if (set.Length > 0)
        {
            at += 2;
            return true;
        }

        return c is 'p' or 'P' && TryCategory(re2, ref at, out set, out error);
    }

    /// <summary>A single character: <c>\n</c>, <c>\x7F</c>, <c>\x{10FFFF}</c>, octal, or escaped punctuation.</summary>
    public static bool TryCharacter(ReadOnlySpan<char> re2, ref int at, out int rune)
    {
        var c = re2[at + 1];
        rune = c switch { 'a' => 7, 't' => 9, 'n' => 10, 'v' => 11, 'f' => 12, 'r' => 13, _ => -1 };
        if (rune >= 0)
        {
            at += 2;
            return true;
        }

        if (c == 'x') return TryHex(re2, ref at, out rune);
        if (c is >= '0' and <= '7') return TryOctal(re2, ref at, out rune);
        if (char.IsAsciiLetterOrDigit(c) || c > 0x7F) return false;
        rune = c;
        at += 2;
        return true;
    }

    /// <summary>Writes a character so that it means itself everywhere.</summary>
    public static void Append(StringBuilder output, int rune)
    {
        if (rune < 0x80 && char.IsAsciiLetterOrDigit((char)rune)) output.Append((char)rune);
        else if (rune <= 0xFFFF) output.Append(CultureInfo.InvariantCulture, $@"\u{rune:X4}");
        else foreach (var half in char.ConvertFromUtf32(rune)) output.Append(CultureInfo.InvariantCulture, $@"\u{(int)half:X4}");
    }

    private static bool TryCategory(ReadOnlySpan<char> re2, ref int at, out string set, out string? error)
    {
        var rest = re2[(at + 2)..];
        var close = rest.StartsWith("{") ? rest.IndexOf('}') : 0;
        var name = rest.IsEmpty || close < 0 ? "" : close == 0 ? rest[..1].ToString() : rest[1..close].ToString();
        var negated = re2[at + 1] == 'P';
        if (name.StartsWith('^')) (negated, name) = (!negated, name[1..]);
        set = $@"\{(negated ? 'P' : 'p')}{{{name}}}";
        error = Array.IndexOf(s_categories, name) < 0 ? $"not supported: character class {re2.Slice(at, 2)}{{{name}}} (general categories only)" : null;
        at += 3 + close;
        return error is null;
    }

    private static bool TryHex(ReadOnlySpan<char> re2, ref int at, out int rune)
    {
        rune = -1;
        var rest = re2[(at + 2)..];
        var braces = rest.StartsWith("{");
        var close = braces ? rest.IndexOf('}') : 2;
        if (close < 0 || rest.Length < close) return false;
        var digits = braces ? rest[1..close] : rest[..close];
        if (!int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out rune) || rune > 0x10FFFF || rune is >= 0xD800 and < 0xE000) return false;
        at += 2 + close + (braces ? 1 : 0);
        return true;
    }

    /// <summary>Up to three octal digits; a single one other than 0 would be a back-reference, which RE2 does not have.</summary>
    private static bool TryOctal(ReadOnlySpan<char> re2, ref int at, out int rune)
    {
        rune = 0;
        var end = at + 1;
        while (end < re2.Length && end < at + 4 && re2[end] is >= '0' and <= '7') rune = rune * 8 + (re2[end++] - '0');
        if (end == at + 2 && rune != 0) return false;
        at = end;
        return true;
    }
}
