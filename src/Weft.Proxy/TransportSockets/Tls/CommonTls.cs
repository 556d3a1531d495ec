using System.Security.Cryptography;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Net.Tls;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Secrets;
using CertificateMessage = Envoy.Extensions.TransportSockets.Tls.V3.TlsCertificate;
using NetCertificate = Weft.Net.Tls.TlsCertificate;
using Protocol = Envoy.Extensions.TransportSockets.Tls.V3.TlsParameters.Types.TlsProtocol;
using ValidationCase = Envoy.Extensions.TransportSockets.Tls.V3.CommonTlsContext.ValidationContextTypeOneofCase;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>What both sides' contexts have in common: where the secrets are, and what is made of them. Main thread.</summary>
internal sealed class CommonTls
{
    private const string DefaultCipherSuites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:"
        + "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";

    private const string DefaultCurves = "X25519:P-256";

    private readonly CommonTlsContext _source;
    private readonly TlsStats _stats;
    private readonly List<SecretSource<CertificateMessage>> _certificates = [];
    private readonly SecretSource<CertificateValidationContext>? _validation;
    private readonly CertificateValidationContext? _validationDefaults;

    public CommonTls(CommonTlsContext? source, FactoryContext context, TlsStats stats)
    {
        _source = source ?? new CommonTlsContext();
        _stats = stats;
        foreach (var certificate in _source.TlsCertificates)
            _certificates.Add(new SecretSource<CertificateMessage>("", certificate));
        foreach (var secret in _source.TlsCertificates.Count == 0 ? _source.TlsCertificateSdsSecretConfigs : [])
        {
            if (context.Secrets.FindCertificate(secret, context) is { } certificate)
                _certificates.Add(certificate);
        }

        switch (_source.ValidationContextTypeCase)
        {
            case ValidationCase.ValidationContext:
                _validation = new SecretSource<CertificateValidationContext>("", _source.ValidationContext);
                break;
            case ValidationCase.ValidationContextSdsSecretConfig:
                _validation = context.Secrets.FindValidation(_source.ValidationContextSdsSecretConfig, context);
                break;
            case ValidationCase.CombinedValidationContext:
                _validationDefaults = _source.CombinedValidationContext.DefaultValidationContext;
                _validation = context.Secrets.FindValidation(_source.CombinedValidationContext.ValidationContextSdsSecretConfig, context);
                break;
        }
    }

    public int CertificateCount => _certificates.Count;

    /// <summary>There is a validation context, here or in a secret.</summary>
    public bool HasValidation => _source.ValidationContextTypeCase != ValidationCase.None;

    /// <summary>Every secret is known.</summary>
    public bool IsReady => _certificates.TrueForAll(certificate => certificate.Value is not null) && _validation is not { Value: null };

    /// <summary>alpn_protocols. An entry may be a list by commas, as in Envoy.</summary>
    public IReadOnlyList<byte[]> Protocols => [.. _source.AlpnProtocols.SelectMany(static entry => entry.Split(',')).Select(Encoding.UTF8.GetBytes)];

    /// <summary>The validation context as it stands now; null without one.</summary>
    public CertificateValidationContext? Validation
    {
        get
        {
            if (_validationDefaults is null || _validation?.Value is not { } value)
                return _validation?.Value;
            var combined = _validationDefaults.Clone();
            combined.MergeFrom(value);
            return combined;
        }
    }

    /// <summary>Has the context made anew when a secret changes.</summary>
    public void Follow(TlsContextSource source)
    {
        foreach (var certificate in _certificates)
            source.Follow(certificate);
        if (_validation is not null)
            source.Follow(_validation);
    }

    /// <summary>The secrets as they are now, but for discovered ones.</summary>
    public IEnumerable<IMessage> OwnSecrets()
    {
        var own = _certificates.Where(static certificate => !certificate.IsDiscovered).Select(static certificate => (IMessage?)certificate.Value);
        return own.Append(_validationDefaults).Append(_validation is { IsDiscovered: false } ? _validation.Value : null).OfType<IMessage>();
    }

    /// <summary>Own certificates with what to call their files; faults are reported.</summary>
    public List<(NetCertificate Certificate, string Path)> LoadCertificates(ConfigContext config)
    {
        var loaded = new List<(NetCertificate, string)>();
        foreach (var certificate in _certificates)
        {
            if (TlsFiles.Load(certificate.Value!, config) is { } usable)
                loaded.Add((usable, TlsFiles.NameOf(certificate.Value!.CertificateChain ?? certificate.Value.Pkcs12)));
        }

        return loaded;
    }

    public CompiledVerifier CompileVerifier(ConfigContext config) =>
        Validation is { } validation ? VerifierCompiler.Compile(validation, _stats, config) : CompiledVerifier.None;

    /// <summary>Writes down when the certificates of a new context expire, under the names of their secrets; those without a secret have Envoy's names.</summary>
    public BuiltTls? Noted(BuiltTls? built)
    {
        if (built is null)
            return null;
        for (var i = 0; i < built.Chains.Count; i++)
            _stats.NoteExpiry(CertificateName(_certificates[i]), built.Chains[i].Certificates[0]);
        var authorities = built.Authorities.SelectMany(static authority => authority.Certificates).ToArray();
        var isNumbered = Validation?.CustomValidatorConfig is not null;
        for (var i = 0; i < authorities.Length; i++)
            _stats.NoteExpiry(isNumbered ? $"{AuthorityName()}_{i}" : AuthorityName(), authorities[i]);
        return built;
    }

    /// <summary>Settings that do not come from secrets.</summary>
    public TlsContextOptions Options(bool isServer, ConfigContext config)
    {
        var parameters = _source.TlsParams ?? new TlsParameters();
        var options = new TlsContextOptions
        {
            IsServer = isServer,
            MinVersion = VersionOf(parameters.TlsMinimumProtocolVersion, TlsVersion.Tls12),
            MaxVersion = VersionOf(parameters.TlsMaximumProtocolVersion, isServer ? TlsVersion.Tls13 : TlsVersion.Tls12),
            CipherSuites = parameters.CipherSuites.Count > 0 ? string.Join(':', parameters.CipherSuites) : DefaultCipherSuites,
            Curves = parameters.EcdhCurves.Count > 0 ? string.Join(':', parameters.EcdhCurves) : DefaultCurves,
            SignatureAlgorithms = string.Join(':', parameters.SignatureAlgorithms),
            ApplicationProtocols = Protocols,
            Observer = _stats,
        };
        if (options.MinVersion > options.MaxVersion)
            config.Error(parameters, "tls_minimum_protocol_version", "the minimum TLS version is above the maximum, so no connection could be made");
        if (Protocols.Any(protocol => protocol.Length is 0 or > 255))
            config.Error(_source, "alpn_protocols", "Invalid ALPN protocol string: a name has 1 to 255 bytes");
        return options;
    }

    /// <summary>Made of what was loaded; null, with a finding, when the library refuses it.</summary>
    public static BuiltTls? Build(TlsContextOptions options, List<(NetCertificate Certificate, string Path)> certificates, in CompiledVerifier verifier, IMessage at, ConfigContext config)
    {
        if (config.Findings.HasErrors)
            return null;
        if (TlsContext.Create(options, out var error) is not { } context)
        {
            config.Error(at, null, error);
            return null;
        }

        var chains = certificates.ConvertAll(own => new LoadedCertificates(own.Path, own.Certificate.Infos, own.Certificate.Ocsp));
        return new BuiltTls(context, [.. verifier.Authorities.Select(static authority => authority.Told)], chains);
    }

    /// <summary>
    /// What sessions are bound to (see <see cref="TlsContextOptions.SessionContext"/>): who this server is, and all that clients are checked against, as it was read
    /// from its files. So a ticket that was given under one authority, or without a certificate, opens nothing where another is asked for, while servers that share
    /// ticket keys and names resume each other's sessions.
    /// </summary>
    /// <param name="certificates">Own ones.</param>
    /// <param name="verifier">The validation context, compiled.</param>
    /// <param name="clientCertificates">Whether clients must show one.</param>
    /// <param name="serverNames">Of the filter chain's match: its sessions are for it alone.</param>
    public byte[] SessionContext(
        List<(NetCertificate Certificate, string Path)> certificates, in CompiledVerifier verifier, ClientCertificates clientCertificates, IEnumerable<string> serverNames)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text) => digest.AppendData(Encoding.UTF8.GetBytes(text + '\0'));
        foreach (var (certificate, _) in certificates)
        {
            Add(certificate.Info.CommonName);
            Add(certificate.Info.Issuer);
            foreach (var name in certificate.Info.SubjectAltNames)
                Add($"{name.Kind} {name.Text}");
        }

        digest.AppendData(Validation?.ToByteArray() ?? []);
        foreach (var authority in verifier.Authorities)
            digest.AppendData(authority.Store.Sha256);
        Add(clientCertificates.ToString());
        foreach (var name in serverNames)
            Add(name);
        return digest.GetHashAndReset();
    }

    private static TlsVersion VersionOf(Protocol version, TlsVersion byDefault) => version switch
    {
        Protocol.Tlsv10 => TlsVersion.Tls10,
        Protocol.Tlsv11 => TlsVersion.Tls11,
        Protocol.Tlsv12 => TlsVersion.Tls12,
        Protocol.Tlsv13 => TlsVersion.Tls13,
        _ => byDefault,
    };

    private static string CertificateName(SecretSource<CertificateMessage> source) =>
        source.Name.Length > 0 ? source.Name : "unnamed_cert_" + ContentHash(source.Value!.CertificateChain);

    private string AuthorityName()
    {
        if (_validation is { Name.Length: > 0 } secret)
            return secret.Name;
        var hash = ContentHash(_validation?.Value?.TrustedCa);
        return hash.Length > 0 ? "unnamed_ca_cert_" + hash : "unnamed_ca_cert";
    }

    /// <summary>Of inline_bytes, and so, as in Envoy, the same for all files and inline_strings; "" where nothing is given.</summary>
    private static string ContentHash(DataSource? source) =>
        source is null ? "" : Convert.ToHexStringLower(SHA256.HashData(source.InlineBytes.Span))[..8];
}
