using System.Buffers.Text;
using System.Security.Cryptography;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>
/// Ties a login to the browser that began it: 16 hexadecimal digits at random, a dot and their signature. It stands in a cookie and in the state that the
/// authorization server sends back; nobody else can put both there (RFC 6819 section 5.3.5).
/// </summary>
internal static class CsrfToken
{
    private const int DigitCount = 16;

    /// <summary>Appends a new one.</summary>
    public static void Write(FlowKey key, ByteWriter output)
    {
        var start = output.Length;
        RandomText.WriteHex(DigitCount, output);
        Span<byte> digits = stackalloc byte[DigitCount];
        output.Written[start..].CopyTo(digits);
        output.Write((byte)'.');
        key.Sign(digits, output);
    }

    /// <summary>It was made here, with the secret of today.</summary>
    public static bool IsGenuine(FlowKey key, ReadOnlySpan<byte> token)
    {
        var dot = token.IndexOf((byte)'.');
        return dot >= 0 && key.IsSignature(token[(dot + 1)..], token[..dot]);
    }
}

/// <summary>Random text that nobody can guess.</summary>
internal static class RandomText
{
    /// <summary>Appends lower-case hexadecimal digits, an even number.</summary>
    public static void WriteHex(int digits, ByteWriter output)
    {
        Span<byte> bytes = stackalloc byte[digits / 2];
        RandomNumberGenerator.Fill(bytes);
        Convert.TryToHexStringLower(bytes, output.GetSpan(digits), out var length);
        output.Advance(length);
    }

    /// <summary>Appends that many random bytes in Base64url.</summary>
    public static void WriteBase64Url(int byteCount, ByteWriter output)
    {
        Span<byte> bytes = stackalloc byte[byteCount];
        RandomNumberGenerator.Fill(bytes);
        output.Advance(Base64Url.EncodeToUtf8(bytes, output.GetSpan(Base64Url.GetEncodedLength(byteCount))));
    }
}
