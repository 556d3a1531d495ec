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

        var isChecked = Trusted is not null;
        var names = peer.OnlyExpectedNames ? [] : Names;
        if (peer.ExpectedNames.Count > 0 || names.Length > 0)
        {
            isChecked = true;
            // Names that the request brings (auto_san_validation) come on top of those configured: both must fit.
            if ((peer.ExpectedNames.Count > 0 && !PeerNames.Any(peer.Own, peer.ExpectedNames)) || (names.Length > 0 && !PeerNames.Any(peer.Own, names)))
            {
                stats.FailVerifySan.Inc();
                return Fail();
            }
        }

        if (CertificateHashes.Count > 0 || KeyHashes.Count > 0)
        {
            isChecked = true;
            if (!CertificateHashes.Contains(peer.Own.Sha256) && !KeyHashes.Contains(Convert.ToHexStringLower(peer.Own.PublicKeySha256)))
            {
                stats.FailVerifyCertHash.Inc();
                return Fail();
            }
        }

        return isChecked ? PeerVerdict.Accepted : Fail();
    }

    private PeerVerdict Fail() => AcceptsUntrusted ? PeerVerdict.Tolerated : PeerVerdict.Refused;
}
