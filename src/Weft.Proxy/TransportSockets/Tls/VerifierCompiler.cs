using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
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
            if (context.Unpack(custom.TypedConfig) is SPIFFECertValidatorConfig spiffe)
                return SpiffeCompiler.Compile(spiffe, source, names, stats, context);
            context.Error(custom, "typed_config", "this certificate validator is not implemented yet");
            return CompiledVerifier.None;
        }

        var authorities = SystemRoots.AuthoritiesOf(source);
        var trusted = authorities is null ? null : Load(authorities, source, source, context);
        if (authorities is null)
            RefuseWithoutAuthorities(source, names, context);
        var certificates = CertificateHashes(source, context);
        var keys = KeyHashes(source, context);
        var hasOwnChecks = names.Length > 0 || certificates.Count > 0 || keys.Count > 0;
        if (trusted is null && !hasOwnChecks && !acceptsUntrusted)
            return CompiledVerifier.None;
        return new CompiledVerifier(new DefaultVerifier(stats)
        {
            Trusted = trusted,
            Names = names,
            CertificateHashes = certificates,
            KeyHashes = keys,
            AcceptsUntrusted = acceptsUntrusted,
        }, trusted is null ? [] : [new TrustedAuthorities(trusted, new LoadedCertificates(TlsFiles.NameOf(authorities!), [trusted.Authorities[0]]))], hasOwnChecks && !acceptsUntrusted);
    }

    /// <summary>Trusted certificates with what the validation context says of revocation and expiry; null, with a finding, when they cannot be had.</summary>
    /// <param name="authorities">Where they are.</param>
    /// <param name="at">What a finding is about.</param>
    /// <param name="source">The validation context.</param>
    public static TrustStore? Load(DataSource authorities, IMessage at, CertificateValidationContext source, ConfigContext context)
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
            // It counts the trusted certificate at the end, the library only what lies between that and the peer's own.
            MaxDepth = source.MaxVerifyDepth is { } depth ? (int)Math.Max(depth, 1) - 1 : null,
        }, out var error);
        if (store is null)
            context.Error(at, null, error);
        return store;
    }

    /// <summary>What proves nothing while nobody is trusted. The words are Envoy's.</summary>
    private static void RefuseWithoutAuthorities(CertificateValidationContext source, SanMatcher[] names, ConfigContext context)
    {
        if (source.Crl is { } lists)
            context.Error(source, "crl", $"Failed to load CRL from {TlsFiles.NameOf(lists)} without trusted CA");
        if (names.Length > 0)
            context.Error(source, source.MatchTypedSubjectAltNames.Count > 0 ? "match_typed_subject_alt_names" : "match_subject_alt_names", "SAN-based verification of peer certificates without trusted CA is insecure and not allowed");
        if (source.AllowExpiredCertificate)
            context.Error(source, "allow_expired_certificate", "Certificate validity period is always ignored without trusted CA");
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
}

/// <summary>A validation context, compiled.</summary>
/// <param name="Verifier">Null: nothing is verified.</param>
/// <param name="Authorities">Whom it trusts; a server names them to its clients.</param>
/// <param name="RequiresCertificate">Peers without a certificate fail.</param>
internal readonly record struct CompiledVerifier(PeerVerifier? Verifier, IReadOnlyList<TrustedAuthorities> Authorities, bool RequiresCertificate)
{
    /// <summary>Nothing is verified.</summary>
    public static CompiledVerifier None { get; } = new(null, [], false);
}

/// <summary>Trusted certificates.</summary>
/// <param name="Store">All of them.</param>
/// <param name="Told">Those that <c>/certs</c> and statistics tell of.</param>
internal sealed record TrustedAuthorities(TrustStore Store, LoadedCertificates Told);
