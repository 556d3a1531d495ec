using Envoy.Admin.V3;
using Google.Protobuf.WellKnownTypes;
using Weft.Net.Tls;
using Weft.Proxy.TransportSockets.Tls;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/certs</c>: the certificates in use, per TLS context: the first trusted one, and the own ones with those behind them.</summary>
internal sealed class CertsEndpoint(TlsContextList contexts) : AdminEndpoint("/certs", "print certs on machine")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        var result = new Certificates();
        foreach (var built in contexts.Built)
        {
            var certificate = new Certificate();
            if (built.Authorities is [{ Certificates: [var first, ..] } authority, ..])
                certificate.CaCert.Add(Details(first, authority.Path));
            foreach (var chain in built.Chains)
                certificate.CertChain.Add(Details(chain.Certificates[0], chain.Path, chain.Ocsp));
            result.Certificates_.Add(certificate);
        }

        AdminJson.Answer(response, result, withDefaults: true);
    }

    private static CertificateDetails Details(CertificateInfo info, string path, OcspResponse? ocsp = null)
    {
        var details = new CertificateDetails
        {
            Path = path,
            SerialNumber = info.SerialNumber,
            DaysUntilExpiration = (ulong)info.DaysUntilExpiration(DateTimeOffset.UtcNow),
            ValidFrom = Timestamp.FromDateTimeOffset(info.NotBefore),
            ExpirationTime = Timestamp.FromDateTimeOffset(info.NotAfter),
        };
        if (ocsp is not null)
        {
            details.OcspDetails = new CertificateDetails.Types.OcspDetails { ValidFrom = Timestamp.FromDateTimeOffset(ocsp.Start), Expiration = Timestamp.FromDateTimeOffset(ocsp.End) };
        }

        Add(details, info, SubjectAltNameKind.Dns, text => new SubjectAlternateName { Dns = text });
        Add(details, info, SubjectAltNameKind.Uri, text => new SubjectAlternateName { Uri = text });
        Add(details, info, SubjectAltNameKind.IP, text => new SubjectAlternateName { IpAddress = text });
        return details;
    }

    private static void Add(CertificateDetails details, CertificateInfo info, SubjectAltNameKind kind, Func<string, SubjectAlternateName> make) =>
        details.SubjectAltNames.AddRange(info.SubjectAltNames.Where(name => name.Kind == kind).Select(name => make(name.Text)));
}
