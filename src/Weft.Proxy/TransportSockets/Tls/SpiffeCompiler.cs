using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Net.Tls;
using TrustChain = Envoy.Extensions.TransportSockets.Tls.V3.CertificateValidationContext.Types.TrustChainVerification;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Makes the verifier of envoy.tls.cert_validator.spiffe. Main thread.</summary>
internal static class SpiffeCompiler
{
    /// <summary>With findings when it cannot be made.</summary>
    /// <param name="names">The names of the validation context; only those of URIs count, for a SPIFFE ID is one.</param>
    public static CompiledVerifier Compile(SPIFFECertValidatorConfig config, CertificateValidationContext source, SanMatcher[] names, TlsStats stats, ConfigContext context)
    {
        WarnOfUnused(source, names, context);
        var domains = new Dictionary<string, TrustStore>(StringComparer.Ordinal);
        var authorities = new List<TrustedAuthorities>();
        foreach (var domain in config.TrustDomains)
        {
            if (domain.TrustBundle is null)
                context.Error(domain, "trust_bundle", "a trust domain needs a trust_bundle");
            else if (domains.ContainsKey(domain.Name))
                context.Error(domain, "name", $"Multiple trust bundles are given for one trust domain for {domain.Name}");
            else if (VerifierCompiler.Load(domain.TrustBundle, domain, source, context) is { } store)
            {
                domains.Add(domain.Name, store);
                authorities.Add(new TrustedAuthorities(store, new LoadedCertificates($"{domain.Name}: {TlsFiles.NameOf(domain.TrustBundle)}", store.Authorities)));
            }
        }

        return new CompiledVerifier(new SpiffeVerifier(stats, domains, [.. names.Where(static name => name.IsUri)]), authorities, RequiresCertificate: true);
    }

    /// <summary>As in Envoy, the trust domains alone decide who is trusted; that must not go unnoticed.</summary>
    private static void WarnOfUnused(CertificateValidationContext source, SanMatcher[] names, ConfigContext context)
    {
        if (source.TrustedCa is not null)
            Warn("trusted_ca", "the trust bundles of its trust domains are used");
        if (source.TrustChainVerification == TrustChain.AcceptUntrusted)
            Warn("trust_chain_verification", "certificates that do not verify are refused");
        if (source.VerifyCertificateHash.Count > 0)
            Warn("verify_certificate_hash", "certificates are not compared with it");
        if (source.VerifyCertificateSpki.Count > 0)
            Warn("verify_certificate_spki", "certificates are not compared with it");
        if (source.MatchTypedSubjectAltNames.Count > 0 && names.Any(static name => !name.IsUri))
            Warn("match_typed_subject_alt_names", "of names only those of the type URI are looked for");

        void Warn(string field, string reality) => context.Warning(source, field, $"{field} has no effect with envoy.tls.cert_validator.spiffe: {reality}");
    }
}
