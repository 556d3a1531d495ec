using System.Security.Cryptography.X509Certificates;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using static Weft.Proxy.Tests.TransportSockets.Tls.TlsServers;

namespace Weft.Proxy.Tests.TransportSockets.Tls;

/// <summary>Transport sockets that cannot be used.</summary>
public sealed class TlsConfigTests : IDisposable
{
    private readonly TlsFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("common_tls_context: {}", "No TLS certificates found for server context")]
    [InlineData("common_tls_context: { tls_certificate_sds_secret_configs: [ { name: nobody } ] }", "Unknown static secret: nobody")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { verify_certificate_hash: [ zz ] } }", "Invalid hex-encoded SHA-256 zz")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { trusted_ca: { inline_string: nothing } } }", "Failed to load trusted CA certificates from <inline>")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { match_typed_subject_alt_names: [ { san_type: DNS, matcher: { exact: a } } ] } }", "SAN-based verification of peer certificates without trusted CA is insecure and not allowed")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { allow_expired_certificate: true } }", "Certificate validity period is always ignored without trusted CA")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { crl: { filename: '#FOLDER/crl.pem' } } }", "/crl.pem without trusted CA")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], tls_params: { cipher_suites: [ NONSENSE ] } }", "Failed to initialize cipher suites NONSENSE")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], tls_params: { cipher_suites: [ ECDHE-ECDSA-AES128-GCM-SHA256, NONSENSE ] } }", "The following ciphers were rejected when tried individually: NONSENSE")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], validation_context: { trusted_ca: { filename: '#FOLDER/damaged.pem' } } }", "Failed to load trusted CA certificates from")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/damaged.pem' }, private_key: { filename: '#FOLDER/server.key' } } ] }", "Failed to load certificate chain from")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/server.pem' }, private_key: { filename: '#FOLDER/server.key' }, ocsp_staple: { inline_string: x } } ] }", "OCSP staple cannot be provided via inline_string")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/server.pem' }, private_key: { filename: '#FOLDER/server.key' }, ocsp_staple: { inline_bytes: eA== } } ] }", "OCSP Response is not a well-formed ASN.1 SEQUENCE")]
    [InlineData("common_tls_context: { tls_certificates: [ { private_key: { filename: '#FOLDER/server.key' } } ] }", "Failed to load incomplete certificate from : certificate chain not set")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/server.pem' } } ] }", "Failed to load incomplete private key from path: ")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { filename: '#FOLDER/promise.pem' }, private_key: { filename: '#FOLDER/promise.key' } } ] }", "OCSP response is required for must-staple certificate")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ], tls_params: { ecdh_curves: [ NONSENSE ] } }", "Failed to initialize ECDH curves NONSENSE")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ] }, session_ticket_keys: { keys: [ { inline_string: short } ] }", "Incorrect TLS session ticket key length. Length 5, expected length 80.")]
    [InlineData("common_tls_context: { tls_certificates: [ #CERT ] }, ocsp_staple_policy: MUST_STAPLE", "Required OCSP response is missing from TLS context")]
    [InlineData("common_tls_context: { tls_certificates: [ { certificate_chain: { inline_string: x }, private_key: { inline_string: key } } ] }", "Failed to load certificate chain from <inline>")]
    public void What_cannot_be_used_is_refused_with_its_reason(string fields, string error)
    {
        // An authority and what was one once; a certificate that promises a stapled response (RFC 7633).
        _folder.Write("damaged.pem", [.. File.ReadAllBytes(_folder["ca.pem"]), .. "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"u8]);
        _folder.Write("promise", _folder.Authority.IssuePem("CN=promise", extension: new X509Extension("1.3.6.1.5.5.7.1.24", [0x30, 3, 2, 1, 5], critical: false)));
        var bootstrap = BootstrapOf(TlsFolder.DownstreamContext(fields.Replace("#CERT", _folder.Certificate("server"), StringComparison.Ordinal).Replace("#FOLDER", _folder.Path, StringComparison.Ordinal)));
        Assert.Null(Server.Create(new ServerOptions { ConfigYaml = bootstrap, Mode = ServerMode.Validate, Concurrency = 1 }, out var findings));
        Assert.Contains(findings.All, finding => finding.Severity == Severity.Error && finding.Text.Contains(error, StringComparison.Ordinal));
    }
}
