namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

/// <summary>The numbers that JSON has (RFC 8259 section 6).</summary>
internal static class JsonNumber
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'-', ..]) text = text[1..];
        var whole = Digits(text);
        if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
        text = text[whole..];
        if (text is [(byte)'.', ..])
        {
            var fraction = Digits(text[1..]);
            if (fraction == 0) return false;
            text = text[(1 + fraction)..];
        }

        if (text is not [(byte)'e' or (byte)'E', ..]) return text.IsEmpty;
        text = text[1..];
        if (text is [(byte)'+' or (byte)'-', ..]) text = text[1..];
        return !text.IsEmpty && Digits(text) == text.Length;
    }

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var length = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return length < 0 ? text.Length : length;
    }
}
