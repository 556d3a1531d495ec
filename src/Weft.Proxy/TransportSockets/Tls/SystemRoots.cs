using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>system_root_certs: the authorities that this host trusts.</summary>
internal static class SystemRoots
{
    private const string Variable = "SSL_CERT_FILE";

    /// <summary>Where distributions keep them: Debian, Red Hat, Alpine.</summary>
    private static readonly string[] s_files = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

    /// <summary>trusted_ca, else the host's authorities if they are wanted; null: none are.</summary>
    public static DataSource? AuthoritiesOf(CertificateValidationContext source) =>
        source.TrustedCa ?? (source.SystemRootCerts is null ? null : new DataSource { Filename = Find() });

    /// <summary>A file that is not there is reported when it is read.</summary>
    private static string Find() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? file : s_files.FirstOrDefault(File.Exists) ?? s_files[0];
}
