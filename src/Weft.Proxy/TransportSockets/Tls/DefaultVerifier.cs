using Weft.Base.Stats;
using Weft.Net.Tls;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>
/// Envoy's default validator: a chain to a trusted authority, then names, then fingerprints. Fingerprints of the certificate and of its key are
/// alternatives; so are the names of either list. Immutable; any thread.
/// </summary>
internal sealed class DefaultVerifier(TlsStats stats) : PeerVerifier
{
    /// <summary>Null: no authority is trusted, and one of the other checks must have passed.</summary>
    public TrustStore? Trusted { get; init; }

    public SanMatcher[] Names { get; init; } = [];

    /// <summary>verify_certificate_hash, lower-case hexadecimal.</summary>
    public IReadOnlySet<string> CertificateHashes { get; init; } = new HashSet<string>();

    /// <summary>verify_certificate_spki, lower-case hexadecimal.</summary>
    public IReadOnlySet<string> KeyHashes { get; init; } = new HashSet<string>();

    /// <summary>trust_chain_verification: ACCEPT_UNTRUSTED.</summary>
    public bool AcceptsUntrusted { get; init; }

    public override bool ToleratesUntrusted => AcceptsUntrusted;

    public override PeerVerdict Verify(in PeerCertificates peer)
    {
        if (Trusted is not null && !peer.IsTrustedBy(Trusted))
        {
            stats.FailVerifyError.Inc();
            return Fail();
        }

        var names = peer.OnlyExpectedNames ? [] : Names;
        // Names that the request brings (auto_san_validation) come on top of those configured: both must fit.
        if (peer.ExpectedNames.Count > 0 && !PeerNames.Any(peer.Own, peer.ExpectedNames))
            return Fail(peer, stats.FailVerifySan, peer.OnlyExpectedNames ? "SAN matcher" : "verify SAN list");
        if (names.Length > 0 && !PeerNames.Any(peer.Own, names))
            return Fail(peer, stats.FailVerifySan, "SAN matcher");
        var hasHashes = CertificateHashes.Count > 0 || KeyHashes.Count > 0;
        if (hasHashes && !CertificateHashes.Contains(peer.Own.Sha256) && !KeyHashes.Contains(Convert.ToHexStringLower(peer.Own.PublicKeySha256)))
            return Fail(peer, stats.FailVerifyCertHash, "cert hash and spki");
        var isChecked = Trusted is not null || peer.ExpectedNames.Count > 0 || names.Length > 0 || hasHashes;
        return isChecked ? PeerVerdict.Accepted : Fail();
    }

    private PeerVerdict Fail(in PeerCertificates peer, Counter counter, string why)
    {
        counter.Inc();
        peer.Explain(why);
        return Fail();
    }

    private PeerVerdict Fail() => AcceptsUntrusted ? PeerVerdict.Tolerated : PeerVerdict.Refused;
}
