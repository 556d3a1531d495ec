using Weft.Base.Stats;
using Weft.Net.Tls;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>
/// envoy.tls.cert_validator.spiffe: the certificate must be an X.509-SVID, and the authorities are those of its own trust domain, so that one
/// domain cannot vouch for members of another. Immutable; any thread.
/// </summary>
/// <param name="stats">Where failures are counted.</param>
/// <param name="domains">The authorities of each trust domain.</param>
/// <param name="uris">Of which the SPIFFE ID must be one; none: any will do.</param>
internal sealed class SpiffeVerifier(TlsStats stats, IReadOnlyDictionary<string, TrustStore> domains, SanMatcher[] uris) : PeerVerifier
{
    private const string Scheme = "spiffe://";

    public override PeerVerdict Verify(in PeerCertificates peer)
    {
        if (!TryGetTrustDomain(peer.Own, out var domain))
            return Refuse(peer, stats.FailVerifyError, "cert precheck");
        if (!domains.TryGetValue(domain, out var store))
            return Refuse(peer, stats.FailVerifyError, "no trust bundle store");
        // Why not is explained there.
        if (!peer.IsTrustedBy(store))
            return Refuse(peer, stats.FailVerifyError, null);
        return uris.Length == 0 || PeerNames.Any(peer.Own, uris) ? PeerVerdict.Accepted : Refuse(peer, stats.FailVerifySan, "SAN match");
    }

    private static PeerVerdict Refuse(in PeerCertificates peer, Counter counter, string? why)
    {
        counter.Inc();
        if (why is not null)
            peer.Explain(why);
        return PeerVerdict.Refused;
    }

    /// <summary>An SVID has exactly one URI, which is its SPIFFE ID (X509-SVID section 2).</summary>
    private static bool TryGetTrustDomain(CertificateInfo certificate, out string domain)
    {
        domain = "";
        // Section 5.2: who may sign for others is no workload.
        if (certificate.IsAuthority)
            return false;
        var count = 0;
        foreach (var name in certificate.SubjectAltNames)
        {
            if (name.Kind != SubjectAltNameKind.Uri)
                continue;
            count++;
            if (!name.Text.StartsWith(Scheme, StringComparison.Ordinal))
                return false;
            var slash = name.Text.IndexOf('/', Scheme.Length);
            // Without a path it names the trust domain, not a member.
            domain = slash < 0 ? "" : name.Text[Scheme.Length..slash];
        }

        return count == 1 && domain.Length > 0;
    }
}
