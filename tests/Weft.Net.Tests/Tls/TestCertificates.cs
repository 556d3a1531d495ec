using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Weft.Net.Tls;

namespace Weft.Net.Tests.Tls;

/// <summary>An authority made for a test, and certificates by it.</summary>
internal sealed class TestCertificates : IDisposable
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;
    private readonly X509Certificate2 _authority;

    public TestCertificates(string name = "Test CA", int validDays = 30, TestCertificates? issuer = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (issuer is null)
        {
            _authority = request.CreateSelfSigned(s_now.AddDays(-2), s_now.AddDays(validDays));
            return;
        }

        using var signed = request.Create(issuer._authority, s_now.AddDays(-1), s_now.AddDays(validDays - 1), [0x0b, (byte)RandomNumberGenerator.GetInt32(256)]);
        _authority = signed.CopyWithPrivateKey(key);
    }

    public byte[] AuthorityPem => Encoding.ASCII.GetBytes(_authority.ExportCertificatePem());

    public TrustStore Trust() => TrustStore.Load(new TrustStoreOptions { Authorities = AuthorityPem, AuthoritiesName = "<inline>" }, out _)!;

    public TlsCertificate Issue(string subject, Action<SubjectAlternativeNameBuilder>? names = null, bool rsa = false, int validDays = 10)
    {
        var (chain, key) = IssuePem(subject, names, rsa, validDays);
        var certificate = TlsCertificate.Load(chain, key, [], [], ("<inline>", "<inline>"), out var error);
        Assert.Equal("", error);
        return certificate!;
    }

    public (byte[] Chain, byte[] Key) IssuePem(
        string subject, Action<SubjectAlternativeNameBuilder>? names = null, bool rsa = false, int validDays = 10, X509Extension? extension = null)
    {
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsaKey = rsa ? RSA.Create(2048) : null;
        var request = rsaKey is null
            ? new CertificateRequest(subject, ec, HashAlgorithmName.SHA256)
            : new CertificateRequest(subject, rsaKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var builder = new SubjectAlternativeNameBuilder();
        if (names is null)
            builder.AddDnsName("test.example");
        else
            names(builder);
        request.CertificateExtensions.Add(builder.Build());
        if (extension is not null)
            request.CertificateExtensions.Add(extension);
        var serial = new byte[] { 0x0a, 0xbc, 0x12, (byte)RandomNumberGenerator.GetInt32(256) };
        using var signed = request.Create(_authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_authority.GetECDsaPrivateKey()!), s_now.AddDays(-1), s_now.AddDays(validDays), serial);
        var keyPem = rsaKey is null ? ec.ExportPkcs8PrivateKeyPem() : rsaKey.ExportPkcs8PrivateKeyPem();
        return (Encoding.ASCII.GetBytes(signed.ExportCertificatePem()), Encoding.ASCII.GetBytes(keyPem));
    }

    /// <summary>A list with one certificate on it, PEM.</summary>
    public byte[] RevocationList(X509Certificate2 revoked)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(revoked);
        var list = builder.Build(_authority, 1, s_now.AddDays(5), HashAlgorithmName.SHA256);
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString("X509 CRL", list));
    }

    public void Dispose() => _authority.Dispose();
}

/// <summary>Trusts what an authority has signed.</summary>
internal sealed class TrustingVerifier(TrustStore store) : PeerVerifier
{
    public override PeerVerdict Verify(in PeerCertificates peer) => peer.IsTrustedBy(store) ? PeerVerdict.Accepted : PeerVerdict.Refused;
}

/// <summary>Remembers how handshakes ended.</summary>
internal sealed class RecordingObserver : TlsObserver
{
    public List<TlsFacts> Handshakes { get; } = [];

    public List<TlsFailure> Failures { get; } = [];

    public override void OnHandshake(TlsFacts facts) => Handshakes.Add(facts);

    public override void OnFailure(TlsFailure failure) => Failures.Add(failure);
}
