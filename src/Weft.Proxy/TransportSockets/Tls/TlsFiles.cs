using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Proxy.Routing;
using NetCertificate = Weft.Net.Tls.TlsCertificate;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Reads certificates and keys from where configuration says they are. Main thread.</summary>
internal static class TlsFiles
{
    /// <summary>The bytes; null, with a finding, when they cannot be had.</summary>
    public static byte[]? Read(DataSource source, ConfigContext context) => DataSourceReader.Read(source, long.MaxValue, context);

    /// <summary>What errors and <c>/certs</c> call it.</summary>
    public static string NameOf(DataSource source) => source.SpecifierCase == DataSource.SpecifierOneofCase.Filename ? source.Filename : "<inline>";

    private static string PathOf(DataSource? source) => source?.Filename ?? "";

    /// <summary>A certificate with its key; null, with findings, when it cannot be used.</summary>
    public static NetCertificate? Load(TlsCertificate source, ConfigContext context)
    {
        var password = source.Password is null ? [] : Read(source.Password, context);
        var staple = source.OcspStaple is null ? [] : Read(source.OcspStaple, context);
        if (source.OcspStaple is { SpecifierCase: DataSource.SpecifierOneofCase.InlineString })
        {
            context.Error(source, "ocsp_staple", "OCSP staple cannot be provided via inline_string");
            return null;
        }

        if (password is null || staple is null)
            return null;
        var certificate = source.Pkcs12 is not null ? LoadPkcs12(source, password, staple, context, out var error) : LoadPem(source, password, staple, context, out error);
        if (certificate is null && error.Length > 0)
            context.Error(source, null, error);
        return certificate;
    }

    private static NetCertificate? LoadPkcs12(TlsCertificate source, byte[] password, byte[] staple, ConfigContext context, out string error)
    {
        error = source.CertificateChain is not null ? "Certificate configuration can't have both pkcs12 and certificate_chain"
            : source.PrivateKey is not null ? "Certificate configuration can't have both pkcs12 and private_key"
            : "";
        if (error.Length > 0 || Read(source.Pkcs12, context) is not { } data)
            return null;
        return NetCertificate.LoadPkcs12(data, password, staple, NameOf(source.Pkcs12), out error);
    }

    private static NetCertificate? LoadPem(TlsCertificate source, byte[] password, byte[] staple, ConfigContext context, out string error)
    {
        error = "";
        var chain = source.CertificateChain is null ? [] : Read(source.CertificateChain, context);
        var key = source.PrivateKey is null ? [] : Read(source.PrivateKey, context);
        if (chain is null || key is null)
            return null;
        error = chain.Length == 0 ? $"Failed to load incomplete certificate from {PathOf(source.CertificateChain)}: certificate chain not set"
            : key.Length == 0 ? $"Failed to load incomplete private key from path: {PathOf(source.PrivateKey)}"
            : "";
        if (error.Length > 0)
            return null;
        return NetCertificate.Load(chain, key, password, staple, (NameOf(source.CertificateChain!), NameOf(source.PrivateKey!)), out error);
    }
}
