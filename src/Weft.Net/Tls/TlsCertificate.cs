using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>A certificate with its chain and private key, loaded and checked. Immutable; shared by contexts and workers.</summary>
public sealed class TlsCertificate
{
    private const int MinRsaBits = 2048;

    /// <summary>P-256, P-384 and P-521.</summary>
    private static readonly string[] s_curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"];

    private TlsCertificate(nint certificate, nint chain, nint key, CertificateInfo[] infos)
    {
        Handle = certificate;
        Chain = chain;
        Key = key;
        Infos = infos;
        IsEc = LibCrypto.EVP_PKEY_get_base_id(key) == LibCrypto.KeyTypeEc;
    }

    ~TlsCertificate()
    {
        LibCrypto.X509_free(Handle);
        for (var i = LibCrypto.OPENSSL_sk_num(Chain) - 1; i >= 0; i--)
            LibCrypto.X509_free(LibCrypto.OPENSSL_sk_value(Chain, i));
        LibCrypto.OPENSSL_sk_free(Chain);
        LibCrypto.EVP_PKEY_free(Key);
    }

    /// <summary>The certificate itself.</summary>
    public CertificateInfo Info => Infos[0];

    /// <summary>The certificate, then the intermediate ones.</summary>
    public IReadOnlyList<CertificateInfo> Infos { get; }

    /// <summary>The response to staple; null for none.</summary>
    public OcspResponse? Ocsp { get; private init; }

    /// <summary>Its key is an elliptic-curve one.</summary>
    public bool IsEc { get; }

    internal nint Handle { get; }

    internal nint Chain { get; }

    internal nint Key { get; }

    /// <summary>Reads a certificate chain and its key, both PEM; null with Envoy's words when they do not fit together.</summary>
    /// <param name="chain">The certificate first.</param>
    /// <param name="key">The private key.</param>
    /// <param name="password">Of the key; empty for none.</param>
    /// <param name="ocspResponse">To be stapled, DER; empty for none.</param>
    /// <param name="names">What to call chain and key in an error: a path, or <c>&lt;inline&gt;</c>.</param>
    /// <param name="error">What is wrong; empty when nothing is.</param>
    public static TlsCertificate? Load(byte[] chain, byte[] key, byte[] password, byte[] ocspResponse, (string Chain, string Key) names, out string error)
    {
        var certificates = PemReader.Certificates(chain);
        if (certificates.Count == 0)
        {
            error = $"Failed to load certificate chain from {names.Chain}";
            return null;
        }
        var privateKey = PemReader.PrivateKey(key, password);
        if (privateKey == 0)
        {
            error = $"Failed to load private key from {names.Key}, Cause: {TlsError.Reason()}";
            Free(certificates);
            return null;
        }
        return Create(certificates, privateKey, ocspResponse, names, out error);
    }

    /// <summary>Reads a PKCS#12 file; null with Envoy's words when it cannot be used.</summary>
    public static TlsCertificate? LoadPkcs12(byte[] data, byte[] password, byte[] ocspResponse, string name, out string error)
    {
        if (!PemReader.TryReadPkcs12(data, password, out var key, out var certificate, out var chain) || key == 0 || certificate == 0)
        {
            error = $"Failed to load pkcs12 from {name}";
            return null;
        }
        var certificates = new List<nint> { certificate };
        for (var i = 0; chain != 0 && i < LibCrypto.OPENSSL_sk_num(chain); i++)
            certificates.Add(LibCrypto.OPENSSL_sk_value(chain, i));
        LibCrypto.OPENSSL_sk_free(chain);
        return Create(certificates, key, ocspResponse, (name, name), out error);
    }

    private static TlsCertificate? Create(List<nint> certificates, nint key, byte[] ocspResponse, (string Chain, string Key) names, out string error)
    {
        var infos = certificates.ConvertAll(certificate => new CertificateInfo(CertificateInfo.ReadDer(certificate)));
        OcspResponse? ocsp = null;
        error = Refusal(certificates[0], key, infos[0], names);
        if (error.Length == 0 && ocspResponse.Length > 0)
            ocsp = ReadOcsp(ocspResponse, infos[0], out error);
        if (error.Length > 0)
        {
            Free(certificates);
            LibCrypto.EVP_PKEY_free(key);
            return null;
        }
        var stack = LibCrypto.OPENSSL_sk_new_null();
        foreach (var certificate in certificates.Skip(1))
            _ = LibCrypto.OPENSSL_sk_push(stack, certificate);
        return new TlsCertificate(certificates[0], stack, key, [.. infos]) { Ocsp = ocsp };
    }

    private static OcspResponse? ReadOcsp(byte[] data, CertificateInfo certificate, out string error)
    {
        var response = OcspResponse.Read(data, out error);
        if (response is not null && !response.IsAbout(certificate))
            error = "OCSP response does not match its TLS certificate";
        return response;
    }

    private static string Refusal(nint certificate, nint key, CertificateInfo info, (string Chain, string Key) names)
    {
        if (info.CurveId.Length > 0 && !s_curves.Contains(info.CurveId))
            return $"Failed to load certificate chain from {names.Chain}, only P-256, P-384 or P-521 ECDSA certificates are supported";
        if (LibCrypto.X509_check_private_key(certificate, key) != 1)
            return $"Failed to load private key from {names.Key}, Cause: {TlsError.Reason()}";
        var isRsa = LibCrypto.EVP_PKEY_get_base_id(key) == LibCrypto.KeyTypeRsa;
        return isRsa && LibCrypto.EVP_PKEY_get_bits(key) < MinRsaBits
            ? $"Failed to load certificate chain from {names.Chain}, only RSA certificates with 2048-bit or larger keys are supported"
            : "";
    }

    private static void Free(List<nint> certificates)
    {
        foreach (var certificate in certificates)
            LibCrypto.X509_free(certificate);
    }
}
