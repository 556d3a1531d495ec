using Weft.Net.Tls;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Whether a certificate holds one of the names that are looked for.</summary>
internal static class PeerNames
{
    public static bool Any(CertificateInfo certificate, SanMatcher[] matchers)
    {
        foreach (var matcher in matchers)
        {
            foreach (var name in certificate.SubjectAltNames)
            {
                if (matcher.IsMatch(name))
                    return true;
            }
        }

        return false;
    }

    public static bool Any(CertificateInfo certificate, IReadOnlyList<string> expected)
    {
        foreach (var name in certificate.SubjectAltNames)
        {
            foreach (var text in expected)
            {
                if (name.Kind == SubjectAltNameKind.Dns ? DnsNames.Match(text, name.Text) : text == name.Text)
                    return true;
            }
        }

        return false;
    }
}
