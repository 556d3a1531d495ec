using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>Proof that whoever redeems a code is who asked for it (RFC 7636): a secret of 32 random bytes, and its digest, which the login is begun with.</summary>
internal static class CodeVerifier
{
    private const int RandomBytes = 32;

    private static readonly SearchValues<byte> s_characters = SearchValues.Create("-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Appends a new one.</summary>
    public static void Write(ByteWriter output) => RandomText.WriteBase64Url(RandomBytes, output);

    /// <summary>It can be one: nothing in it needs an escape.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> verifier) => !verifier.ContainsAnyExcept(s_characters);

    /// <summary>Appends the challenge of method S256 (section 4.2).</summary>
    public static void WriteChallenge(ReadOnlySpan<byte> verifier, ByteWriter output)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(verifier, digest);
        output.Advance(Base64Url.EncodeToUtf8(digest, output.GetSpan(Base64Url.GetEncodedLength(digest.Length))));
    }
}
