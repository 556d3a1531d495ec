using Envoy.Data.Accesslog.V3;
using Weft.Net.Tls;
using Weft.Proxy.Streams;
using CertificateMessage = Envoy.Data.Accesslog.V3.TLSProperties.Types.CertificateProperties;

namespace Weft.Proxy.AccessLogs.Grpc;

/// <summary>What is known of a client's TLS, terminated here or not, as the API's message.</summary>
internal static class GrpcLogTls
{
    /// <summary>Null when nothing is.</summary>
    public static TLSProperties? Of(StreamInfo info)
    {
        if (info.DownstreamTls is null && string.IsNullOrEmpty(info.RequestedServerName) && info.Ja3Fingerprint is null)
            return null;
        var properties = new TLSProperties { TlsSniHostname = info.RequestedServerName ?? "", Ja3Fingerprint = info.Ja3Fingerprint ?? "" };
        if (info.DownstreamTls is { } tls)
            AddHandshake(properties, tls);
        return properties;
    }

    private static void AddHandshake(TLSProperties properties, TlsFacts tls)
    {
        properties.TlsSessionId = tls.SessionId;
        properties.TlsCipherSuite = tls.CipherId;
        properties.TlsVersion = tls.Version switch
        {
            "TLSv1" => TLSProperties.Types.TLSVersion.Tlsv1,
            "TLSv1.1" => TLSProperties.Types.TLSVersion.Tlsv11,
            "TLSv1.2" => TLSProperties.Types.TLSVersion.Tlsv12,
            "TLSv1.3" => TLSProperties.Types.TLSVersion.Tlsv13,
            _ => TLSProperties.Types.TLSVersion.VersionUnspecified,
        };
        properties.LocalCertificateProperties = Certificate(tls.Local);
        properties.PeerCertificateProperties = Certificate(tls.Peer);
        if (tls.Peer is { } peer)
            properties.PeerCertificateProperties!.Issuer = peer.Issuer;
    }

    private static CertificateMessage? Certificate(CertificateInfo? certificate)
    {
        if (certificate is null)
            return null;
        var message = new CertificateMessage { Subject = certificate.Subject };
        foreach (var name in certificate.SubjectAltNames.Where(static name => name.Kind == SubjectAltNameKind.Uri))
            message.SubjectAltName.Add(new CertificateMessage.Types.SubjectAltName { Uri = name.Text });
        return message;
    }
}
