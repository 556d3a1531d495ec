using System.Text;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>What others sent, as part of a response's details: one line, cut where it is long.</summary>
internal static class DetailText
{
    private const int MaxBytes = 1024;

    public static string Of(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.Length > MaxBytes ? text[..MaxBytes] : text).ReplaceLineEndings(" ");
}
