using System.Runtime.InteropServices;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>A public key that checks signatures, of any kind that the library knows. One thread at a time.</summary>
public sealed unsafe class PublicKey : SafeHandle
{
    private PublicKey(nint key)
        : base(0, ownsHandle: true) => SetHandle(key);

    public override bool IsInvalid => handle == 0;

    /// <summary>Reads a SubjectPublicKeyInfo (RFC 5280) in DER form; null when it is none.</summary>
    public static PublicKey? Import(ReadOnlySpan<byte> der)
    {
        fixed (byte* start = der)
        {
            var position = start;
            var key = LibCrypto.d2i_PUBKEY(null, &position, new CLong(der.Length));
            // What is left in the thread's queue would be taken for a fault of the next TLS connection.
            LibCrypto.ERR_clear_error();
            return key == 0 ? null : new PublicKey(key);
        }
    }

    /// <summary>Whether the owner of the key has signed <paramref name="text"/>.</summary>
    /// <param name="digest">SHA1, SHA224, SHA256, SHA384 or SHA512, in any case.</param>
    /// <param name="signature">PKCS #1 v1.5, or the DER form of ECDSA's.</param>
    /// <param name="text">What was signed.</param>
    /// <returns>Null when that is so; else why not, in Envoy's words.</returns>
    public string? Check(string digest, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> text)
    {
        var algorithm = DigestOf(digest);
        if (algorithm == 0)
            return $"{digest} is not supported.";
        var context = LibCrypto.EVP_MD_CTX_new();
        try
        {
            if (LibCrypto.EVP_DigestVerifyInit(context, null, algorithm, 0, handle) != 1)
                return "Failed to initialize digest verify.";
            fixed (byte* signed = signature)
            fixed (byte* content = text)
            {
                var result = LibCrypto.EVP_DigestVerify(context, signed, (nuint)signature.Length, content, (nuint)text.Length);
                return result == 1 ? null : $"Failed to verify digest. Error code: {result}";
            }
        }
        finally
        {
            LibCrypto.EVP_MD_CTX_free(context);
            LibCrypto.ERR_clear_error();
        }
    }

    protected override bool ReleaseHandle()
    {
        LibCrypto.EVP_PKEY_free(handle);
        return true;
    }

    private static nint DigestOf(string digest)
    {
        var name = digest.ToUpperInvariant() switch
        {
            "SHA1" => "SHA1\0"u8,
            "SHA224" => "SHA224\0"u8,
            "SHA256" => "SHA256\0"u8,
            "SHA384" => "SHA384\0"u8,
            "SHA512" => "SHA512\0"u8,
            _ => [],
        };
        fixed (byte* start = name)
            return start == null ? 0 : LibCrypto.EVP_get_digestbyname(start);
    }
}
