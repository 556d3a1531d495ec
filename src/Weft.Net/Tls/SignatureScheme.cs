using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>Signatures of handshakes by their names in RFC 8446 section 4.2.3.</summary>
internal static unsafe class SignatureScheme
{
    // The library's numbers of kinds of keys ...
    private const int Rsa = 6;
    private const int RsaPss = 912;
    private const int EllipticCurve = 408;
    private const int Ed25519 = 1087;
    private const int Ed448 = 1088;

    // ... and of digests.
    private const int Sha1 = 64;
    private const int Sha256 = 672;
    private const int Sha384 = 673;
    private const int Sha512 = 674;

    /// <summary>Empty when the peer has signed nothing.</summary>
    public static string OfPeer(nint ssl)
    {
        int kind, digest;
        if (LibSsl.SSL_get_peer_signature_type_nid(ssl, &kind) != 1)
            return "";
        if (LibSsl.SSL_ctrl(ssl, LibSsl.CtrlGetPeerSignatureDigest, 0, &digest) != 1)
            digest = 0;
        return Name(kind, digest);
    }

    private static string Name(int kind, int digest) => (kind, digest) switch
    {
        (Rsa, Sha1) => "rsa_pkcs1_sha1",
        (Rsa, Sha256) => "rsa_pkcs1_sha256",
        (Rsa, Sha384) => "rsa_pkcs1_sha384",
        (Rsa, Sha512) => "rsa_pkcs1_sha512",
        (RsaPss, Sha256) => "rsa_pss_rsae_sha256",
        (RsaPss, Sha384) => "rsa_pss_rsae_sha384",
        (RsaPss, Sha512) => "rsa_pss_rsae_sha512",
        (EllipticCurve, Sha1) => "ecdsa_sha1",
        (EllipticCurve, Sha256) => "ecdsa_secp256r1_sha256",
        (EllipticCurve, Sha384) => "ecdsa_secp384r1_sha384",
        (EllipticCurve, Sha512) => "ecdsa_secp521r1_sha512",
        (Ed25519, _) => "ed25519",
        (Ed448, _) => "ed448",
        _ => "",
    };
}
