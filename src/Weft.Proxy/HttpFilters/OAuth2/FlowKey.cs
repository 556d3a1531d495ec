using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Weft.Base.Buffers;

namespace Weft.Proxy.HttpFilters.OAuth2;

/// <summary>
/// The HMAC secret at work: signs (HMAC-SHA-256, RFC 2104), and encrypts what cookies hold (AES-256-CBC under the secret's SHA-256, a random
/// initialisation vector before it, all in Base64url). The formats are Envoy's, so that both understand each other's cookies. Immutable; any
/// thread. Allocates a cipher for each text; nothing that a client sends makes it throw.
/// </summary>
internal sealed class FlowKey(byte[] secret)
{
    private const int BlockBytes = 16;

    private readonly byte[] _cipherKey = SHA256.HashData(secret);

    /// <summary>Appends the signature of a message in Base64.</summary>
    public void Sign(ReadOnlySpan<byte> message, ByteWriter output)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, message, digest);
        WriteBase64(digest, output);
    }

    /// <summary>The text is the signature of the message. Takes the same time whatever differs.</summary>
    public bool IsSignature(ReadOnlySpan<byte> text, ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, message, digest);
        return IsBase64Of(text, digest);
    }

    /// <summary>As <see cref="IsSignature"/>, also for the former format: Base64 of the digest in hexadecimal digits.</summary>
    public bool IsSessionSignature(ReadOnlySpan<byte> text, ReadOnlySpan<byte> message)
    {
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, message, digest);
        Span<byte> digits = stackalloc byte[2 * HMACSHA256.HashSizeInBytes];
        Convert.TryToHexStringLower(digest, digits, out _);
        return IsBase64Of(text, digest) | IsBase64Of(text, digits);
    }

    /// <summary>Appends the encrypted text.</summary>
    public void Encrypt(ReadOnlySpan<byte> text, ByteWriter output)
    {
        var length = BlockBytes + ((text.Length / BlockBytes + 1) * BlockBytes);
        var rented = ArrayPool<byte>.Shared.Rent(length);
        var raw = rented.AsSpan(0, length);
        RandomNumberGenerator.Fill(raw[..BlockBytes]);
        using (var cipher = Aes.Create())
        {
            cipher.Key = _cipherKey;
            cipher.EncryptCbc(text, raw[..BlockBytes], raw[BlockBytes..], PaddingMode.PKCS7);
        }

        var encoded = output.GetSpan(Base64Url.GetEncodedLength(length));
        output.Advance(Base64Url.EncodeToUtf8(raw, encoded));
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Appends what was encrypted.</summary>
    /// <returns>Null, or why it cannot be decrypted; then nothing was appended.</returns>
    public string? Decrypt(ReadOnlySpan<byte> encoded, ByteWriter output)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Base64Url.GetMaxDecodedLength(encoded.Length));
        var isText = Base64Url.DecodeFromUtf8(encoded, rented, out _, out var length) == OperationStatus.Done;
        var fault = isText && length > BlockBytes ? DecryptRaw(rented.AsSpan(0, length), output) : "Invalid encrypted data";
        ArrayPool<byte>.Shared.Return(rented);
        return fault;
    }

    private string? DecryptRaw(ReadOnlySpan<byte> raw, ByteWriter output)
    {
        const string Fault = "failed to finalize decryption";
        var blocks = raw[BlockBytes..];
        if (blocks.Length % BlockBytes != 0) return Fault;
        var text = output.GetSpan(blocks.Length)[..blocks.Length];
        using (var cipher = Aes.Create())
        {
            cipher.Key = _cipherKey;
            // The padding is looked at here: the library throws for a wrong one.
            if (!cipher.TryDecryptCbc(blocks, raw[..BlockBytes], text, out _, PaddingMode.None)) return Fault;
        }

        var padding = text[^1];
        if (padding is 0 or > BlockBytes || text[^padding..].ContainsAnyExcept(padding)) return Fault;
        output.Advance(text.Length - padding);
        return null;
    }

    private static bool IsBase64Of(ReadOnlySpan<byte> text, ReadOnlySpan<byte> bytes)
    {
        Span<byte> encoded = stackalloc byte[Base64.GetMaxEncodedToUtf8Length(2 * HMACSHA256.HashSizeInBytes)];
        Base64.EncodeToUtf8(bytes, encoded, out _, out var length);
        return CryptographicOperations.FixedTimeEquals(encoded[..length], text);
    }

    private static void WriteBase64(ReadOnlySpan<byte> bytes, ByteWriter output)
    {
        Base64.EncodeToUtf8(bytes, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)), out _, out var length);
        output.Advance(length);
    }
}
