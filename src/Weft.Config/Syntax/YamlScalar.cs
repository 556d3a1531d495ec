using System.Globalization;

namespace Weft.Config.Syntax;

/// <summary>
/// What an unquoted YAML scalar means. The rules are those of the reader behind Envoy: YAML 1.1 booleans, hexadecimal and octal integers,
/// small integers as numbers, everything else (fractions and large integers too) as text, which a numeric field then converts.
/// </summary>
internal static class YamlScalar
{
    internal static ScalarNode Plain(SourcePosition position, string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL") return new ScalarNode(position, ScalarKind.Null, "");
        if (TryBool(text, out var truth)) return new ScalarNode(position, ScalarKind.Bool, truth ? "true" : "false", text);
        if (!TryInteger(text, out var number)) return new ScalarNode(position, ScalarKind.String, text);
        var kind = number is >= int.MinValue and <= int.MaxValue ? ScalarKind.Number : ScalarKind.String;
        return new ScalarNode(position, kind, number.ToString(CultureInfo.InvariantCulture), text);
    }

    private static bool TryBool(string text, out bool value)
    {
        value = false;
        if (text.Length > 5 || !IsOneCase(text)) return false;
        switch (text.ToLowerInvariant())
        {
            case "y" or "yes" or "true" or "on": value = true; return true;
            case "n" or "no" or "false" or "off": return true;
            default: return false;
        }
    }

    // true, True and TRUE, but not tRUE.
    private static bool IsOneCase(string text)
        => text.Skip(1).All(char.IsAsciiLetterLower) || text.All(char.IsAsciiLetterUpper);

    private static bool TryInteger(string text, out long value)
    {
        value = 0;
        var digits = text.AsSpan();
        var negative = digits[0] == '-';
        if (negative || digits[0] == '+') digits = digits[1..];
        if (digits.IsEmpty || !char.IsAsciiDigit(digits[0])) return false;
        if (digits is ['0', 'x' or 'X', .. var hex]) return TryDigits(hex, 16, negative, out value);
        if (digits is ['0', _, ..]) return TryDigits(digits[1..], 8, negative, out value);
        return TryDigits(digits, 10, negative, out value);
    }

    private static bool TryDigits(ReadOnlySpan<char> digits, int radix, bool negative, out long value)
    {
        value = 0;
        if (digits.IsEmpty) return false;
        Int128 sum = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) return false;
            sum = sum * radix + digit;
            if (sum > long.MaxValue) return false;
        }

        value = (long)(negative ? -sum : sum);
        return true;
    }
}
