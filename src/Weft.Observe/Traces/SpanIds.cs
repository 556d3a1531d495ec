namespace Weft.Observe.Traces;

/// <summary>Identifiers of traces and spans in the one form in which they are kept: lower case, padded with zeros to 16 or 32 digits.</summary>
internal static class SpanIds
{
    private const int ShortDigits = 16;
    private const int LongDigits = 32;

    /// <exception cref="BadInputException">It is none.</exception>
    public static string TraceId(string text)
    {
        var id = Normal(text, LongDigits, "traceId");
        return id.Length == LongDigits && id.AsSpan(0, ShortDigits).IndexOfAnyExcept('0') < 0 ? id[ShortDigits..] : id;
    }

    /// <exception cref="BadInputException">It is none.</exception>
    public static string SpanId(string text, string field) => Normal(text, ShortDigits, field);

    public static string TraceId(ReadOnlySpan<byte> bytes) => TraceId(Convert.ToHexStringLower(bytes));

    public static string SpanId(ReadOnlySpan<byte> bytes, string field) => SpanId(Convert.ToHexStringLower(bytes), field);

    /// <summary>No or a zero id: none.</summary>
    public static string ParentId(string text)
    {
        if (text.AsSpan().IndexOfAnyExcept('0') < 0)
            return "";
        return SpanId(text, "parentId");
    }

    private static string Normal(string text, int maxDigits, string field)
    {
        if (text.Length == 0 || text.Length > maxDigits || text.AsSpan().IndexOfAnyExcept('0') < 0)
            throw new BadInputException($"{field} is not 1 to {maxDigits} hexadecimal digits, or is zero");
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigit(digit))
                throw new BadInputException($"{field} should be hexadecimal");
        }

        return text.ToLowerInvariant().PadLeft(text.Length > ShortDigits ? LongDigits : ShortDigits, '0');
    }
}
