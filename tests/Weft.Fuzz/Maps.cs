using System.Text;
using Weft.Http;

namespace Weft.Fuzz;

/// <summary>What holds for every map that comes from a decoder.</summary>
internal static class Maps
{
    private const string TokenSymbols = "!#$%&'*+-.^_`|~";

    public static void Check(HeaderMap map)
    {
        for (var i = 0; i < map.Count; i++)
        {
            var name = map.NameAt(i);
            var value = map.ValueAt(i);
            if (HeaderName.Find(name) != map.KnownAt(i)) throw new FindingException("a header with the id of another");
            if (name[0] != ':' && !IsLowerCaseToken(name)) throw new FindingException($"name {Encoding.Latin1.GetString(name)}");
            if (!IsValue(value)) throw new FindingException($"value {Encoding.Latin1.GetString(value)}");
            var first = map.IndexOf(new HeaderName(Encoding.Latin1.GetString(name)));
            if (first < 0 || first > i) throw new FindingException("a header that is not found");
        }
    }

    public static string Text(HeaderMap map)
    {
        var text = new StringBuilder();
        for (var i = 0; i < map.Count; i++)
            text.Append(Encoding.Latin1.GetString(map.NameAt(i))).Append('=').Append(Encoding.Latin1.GetString(map.ValueAt(i))).Append('|');
        return text.ToString();
    }

    private static bool IsLowerCaseToken(ReadOnlySpan<byte> name)
    {
        foreach (var c in name)
            if (!char.IsAsciiLetterLower((char)c) && !char.IsAsciiDigit((char)c) && !TokenSymbols.Contains((char)c)) return false;
        return name.Length > 0;
    }

    private static bool IsValue(ReadOnlySpan<byte> value)
    {
        foreach (var c in value)
            if (c is < 0x20 and not (byte)'\t' or 0x7F) return false;
        return value.IsEmpty || (value[0] is not ((byte)' ' or (byte)'\t') && value[^1] is not ((byte)' ' or (byte)'\t'));
    }
}
