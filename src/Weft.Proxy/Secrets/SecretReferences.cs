using System.Security.Cryptography;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Config;

namespace Weft.Proxy.Secrets;

/// <summary>What a secret refers to on the disk. Any thread.</summary>
internal static class SecretReferences
{
    /// <summary>watched_directory; null: it has none.</summary>
    public static WatchedDirectory? WatchedDirectoryOf(IMessage secret) => secret switch
    {
        TlsCertificate own => own.WatchedDirectory,
        CertificateValidationContext trust => trust.WatchedDirectory,
        _ => null,
    };

    /// <summary>The names of its files, each as often as it stands there.</summary>
    public static IEnumerable<string> FilesOf(IMessage secret) =>
        SourcesOf(secret).Where(static source => source?.SpecifierCase == DataSource.SpecifierOneofCase.Filename).Select(static source => source!.Filename);

    /// <summary>Of what files hold now. A file that cannot be read counts as empty: whoever uses the secret finds out, and says so.</summary>
    public static byte[] Digest(IEnumerable<string> files)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            try
            {
                digest.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                digest.AppendData([0]);
            }
        }

        return digest.GetHashAndReset();
    }

    private static DataSource?[] SourcesOf(IMessage secret) => secret switch
    {
        TlsCertificate own => [own.CertificateChain, own.PrivateKey, own.Pkcs12, own.Password, own.OcspStaple],
        CertificateValidationContext trust => [trust.TrustedCa, trust.Crl, .. BundlesOf(trust)],
        TlsSessionTicketKeys tickets => [.. tickets.Keys],
        GenericSecret generic => [generic.Secret],
        _ => [],
    };

    private static IEnumerable<DataSource?> BundlesOf(CertificateValidationContext trust) =>
        new ConfigContext().Unpack(trust.CustomValidatorConfig?.TypedConfig) is SPIFFECertValidatorConfig spiffe ? spiffe.TrustDomains.Select(static domain => domain.TrustBundle) : [];
}
