using System.Text;

namespace Weft.Proxy.Admin;

/// <summary>
/// The parameters of a request, percent-decoded, in the order given; a name may stand several times, the first value counts.
/// </summary>
public sealed class QueryParameters
{
    private readonly List<KeyValuePair<string, string>> _all = [];

    /// <summary>No parameters.</summary>
    public static QueryParameters None { get; } = new();

    public IReadOnlyList<KeyValuePair<string, string>> All => _all;

    /// <summary>Different names.</summary>
    public int Count => _all.Select(pair => pair.Key).Distinct(StringComparer.Ordinal).Count();

    /// <summary>Reads <c>a=1&amp;b&amp;c=</c>; a name without a value has "".</summary>
    public static QueryParameters Parse(string text)
    {
        var result = new QueryParameters();
        foreach (var part in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (part, "") : (part[..equals], part[(equals + 1)..]);
            result._all.Add(new(Decode(name), Decode(value)));
        }
        return result;
    }

    public bool Has(string name) => Find(name) is not null;

    /// <summary>The first value of a name, or null.</summary>
    public string? Find(string name)
    {
        foreach (var pair in _all)
        {
            if (pair.Key == name)
                return pair.Value;
        }
        return null;
    }

    /// <summary>The first value of a name, or null when it is absent or empty (as forms send what was left blank).</summary>
    public string? FindNonEmpty(string name) => Find(name) is { Length: > 0 } value ? value : null;

    // Only %XX is decoded: a plus sign stands for itself.
    private static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var bytes = new List<byte>(text.Length);
        var source = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] == '%' && i + 2 < source.Length && char.IsAsciiHexDigit((char)source[i + 1]) && char.IsAsciiHexDigit((char)source[i + 2]))
            {
                bytes.Add((byte)((Nibble(source[i + 1]) << 4) | Nibble(source[i + 2])));
                i += 2;
            }
            else
                bytes.Add(source[i]);
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static int Nibble(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
