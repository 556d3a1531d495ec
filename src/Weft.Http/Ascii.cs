namespace Weft.Http;

/// <summary>Comparisons of protocol text without regard to ASCII letter case.</summary>
public static class Ascii
{
    /// <summary>Equal but for the case of a-z.</summary>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        System.Text.Ascii.EqualsIgnoreCase(left, right);
}
