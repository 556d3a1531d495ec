using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Net.Tls;
using TrustChain = Envoy.Extensions.TransportSockets.Tls.V3.CertificateValidationContext.Types.TrustChainVerification;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>Makes a verifier of a CertificateValidationContext. Main thread.</summary>
internal static class VerifierCompiler
{
    private const int Sha256Bytes = 32;
    private const int ColonSeparatedHashLength = 95;

    /// <summary>The verifier; null when nothing is to be verified, or (with findings) when it cannot be made.</summary>
    public static CompiledVerifier Compile(CertificateValidationContext source, TlsStats stats, ConfigContext context)
    {
        var names = SanMatcher.Create(source, context);
        var acceptsUntrusted = source.TrustChainVerification == TrustChain.AcceptUntrusted;
        if (source.CustomValidatorConfig is { } custom)
        {
            var verifier = context.Unpack(custom.TypedConfig) is SPIFFECertValidatorConfig spiffe ? Spiffe(spiffe, source, names, stats, context) : Unknown(custom, context);
            return new CompiledVerifier(verifier, null, RequiresCertificate: true) { Stores = [.. (verifier as SpiffeVerifier)?.Stores ?? []] };
        }

        var authorities = SystemRoots.AuthoritiesOf(source);
        var trusted = authorities is null ? null : Load(authorities, source, context);
        if (source.Crl is not null && authorities is null)
            context.Error(source, "crl", "Failed to load CRL: it needs trusted_ca");
        var certificates = CertificateHashes(source, context);
        var keys = KeyHashes(source, context);
        var hasOwnChecks = names.Length > 0 || certificates.Count > 0 || keys.Count > 0;
        if (trusted is null && !hasOwnChecks && !acceptsUntrusted)
            return new CompiledVerifier(null, null, false);
        return new CompiledVerifier(new DefaultVerifier(stats)
        {
            Trusted = trusted,
            Names = names,
            CertificateHashes = certificates,
            KeyHashes = keys,
            AcceptsUntrusted = acceptsUntrusted,
        }, trusted, hasOwnChecks && !acceptsUntrusted)
        { Stores = trusted is null ? [] : [trusted] };
    }

    private static TrustStore? Load(DataSource authorities, CertificateValidationContext source, ConfigContext context)
    {
        var pem = TlsFiles.Read(authorities, context);
        var lists = source.Crl is null ? [] : TlsFiles.Read(source.Crl, context);
        if (pem is null || lists is null)
            return null;
        var store = TrustStore.Load(new TrustStoreOptions
        {
            Authorities = pem,
            AuthoritiesName = TlsFiles.NameOf(authorities),
            RevocationLists = lists,
            RevocationListsName = source.Crl is null ? "" : TlsFiles.NameOf(source.Crl),
            ChecksOnlyLeafRevocation = source.OnlyVerifyLeafCertCrl,
            AllowsExpired = source.AllowExpiredCertificate,
            MaxDepth = (int?)source.MaxVerifyDepth,
        }, out var error);
        if (store is null)
            context.Error(source, null, error);
        return store;
    }

    private static HashSet<string> CertificateHashes(CertificateValidationContext source, ConfigContext context)
    {
        var hashes = new HashSet<string>();
        foreach (var text in source.VerifyCertificateHash)
        {
            var hex = text.Length == ColonSeparatedHashLength ? text.Replace(":", "", StringComparison.Ordinal) : text;
            if (hex.Length == 2 * Sha256Bytes && hex.All(char.IsAsciiHexDigit))
                hashes.Add(hex.ToLowerInvariant());
            else
                context.Error(source, "verify_certificate_hash", $"Invalid hex-encoded SHA-256 {text}");
        }

        return hashes;
    }

    private static HashSet<string> KeyHashes(CertificateValidationContext source, ConfigContext context)
    {
        var hashes = new HashSet<string>();
        Span<byte> bytes = stackalloc byte[Sha256Bytes + 1];
        foreach (var text in source.VerifyCertificateSpki)
        {
            if (Convert.TryFromBase64String(text, bytes, out var length) && length == Sha256Bytes)
                hashes.Add(Convert.ToHexStringLower(bytes[..length]));
            else
                context.Error(source, "verify_certificate_spki", $"Invalid base64-encoded SHA-256 {text}");
        }

        return hashes;
    }

    private static SpiffeVerifier Spiffe(SPIFFECertValidatorConfig config, CertificateValidationContext source, SanMatcher[] names, TlsStats stats, ConfigContext context)
    {
        var domains = new Dictionary<string, TrustStore>(StringComparer.Ordinal);
        foreach (var domain in config.TrustDomains)
        {
            if (domain.TrustBundle is null)
                context.Error(domain, "trust_bundle", "a trust domain needs a trust_bundle");
            else if (domains.ContainsKey(domain.Name))
                context.Error(domain, "name", $"Multiple trust bundles are given for one trust domain for {domain.Name}");
            else if (Load(domain.TrustBundle, source, context) is { } store)
                domains.Add(domain.Name, store);
        }

        return new SpiffeVerifier(stats, domains, names, source.TrustChainVerification == TrustChain.AcceptUntrusted);
    }

    private static PeerVerifier? Unknown(TypedExtensionConfig custom, ConfigContext context)
    {
        context.Error(custom, "typed_config", "this certificate validator is not implemented yet");
        return null;
    }
}

/// <summary>A validation context, compiled.</summary>
/// <param name="Verifier">Null: nothing is verified.</param>
/// <param name="Authorities">What a server may name to its clients; null: nothing.</param>
/// <param name="RequiresCertificate">Peers without a certificate fail.</param>
internal readonly record struct CompiledVerifier(PeerVerifier? Verifier, TrustStore? Authorities, bool RequiresCertificate)
{
    /// <summary>Everything it trusts; null: nothing.</summary>
    public IReadOnlyList<TrustStore>? Stores { get; init; }
}
