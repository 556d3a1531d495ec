namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>DNS names of certificates, which may have one wildcard in their first label (RFC 6125 section 6.4.3).</summary>
internal static class DnsNames
{
    private const string AceStart = "xn--";

    public static bool Match(string name, string pattern)
    {
        if (name.Equals(pattern, StringComparison.OrdinalIgnoreCase))
            return true;
        var nameDot = name.IndexOf('.', StringComparison.Ordinal);
        var patternDot = pattern.IndexOf('.', StringComparison.Ordinal);
        if (nameDot <= 0 || patternDot <= 0)
            return false;
        var label = name.AsSpan(0, nameDot);
        var patternLabel = pattern.AsSpan(0, patternDot);
        return name.AsSpan(nameDot).Equals(pattern.AsSpan(patternDot), StringComparison.OrdinalIgnoreCase)
            && !patternLabel.StartsWith(AceStart, StringComparison.OrdinalIgnoreCase)
            && LabelMatches(label, patternLabel);
    }

    private static bool LabelMatches(ReadOnlySpan<char> label, ReadOnlySpan<char> pattern)
    {
        var star = pattern.IndexOf('*');
        if (star < 0 || pattern[(star + 1)..].Contains('*'))
            return false;
        // A wildcard within an internationalised label stands for nothing sensible.
        if (pattern.Length > 1 && label.StartsWith(AceStart, StringComparison.OrdinalIgnoreCase))
            return false;
        return pattern.Length <= label.Length + 1
            && label.StartsWith(pattern[..star], StringComparison.OrdinalIgnoreCase)
            && label.EndsWith(pattern[(star + 1)..], StringComparison.OrdinalIgnoreCase);
    }
}
