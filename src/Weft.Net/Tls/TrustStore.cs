using System.Security.Cryptography;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>Certificates to trust and revocation lists to heed. Immutable; shared by contexts and workers.</summary>
public sealed class TrustStore
{
    private readonly byte[] _authorities;

    private TrustStore(nint handle, TrustStoreOptions options, CertificateInfo[] infos)
    {
        Handle = handle;
        _authorities = options.Authorities;
        Sha256 = SHA256.HashData([.. SHA256.HashData(options.Authorities), .. SHA256.HashData(options.RevocationLists)]);
        Authorities = infos;
    }

    ~TrustStore() => LibCrypto.X509_STORE_free(Handle);

    /// <summary>Of what it was read from: certificates and revocation lists.</summary>
    public byte[] Sha256 { get; }

    /// <summary>The trusted certificates, in order.</summary>
    public IReadOnlyList<CertificateInfo> Authorities { get; }

    internal nint Handle { get; }

    /// <summary>Reads trusted certificates (and revocation lists among them); null with Envoy's words when there is none.</summary>
    public static TrustStore? Load(TrustStoreOptions options, out string error)
    {
        var certificates = PemReader.Certificates(options.Authorities);
        if (certificates.Count == 0)
        {
            error = $"Failed to load trusted CA certificates from {options.AuthoritiesName}";
            return null;
        }
        var lists = new List<nint>();
        error = options.RevocationLists.Length > 0 && (!PemReader.TryReadRevocationLists(options.RevocationLists, lists) || lists.Count == 0)
            ? $"Failed to load CRL from {options.RevocationListsName}"
            : !PemReader.TryReadRevocationLists(options.Authorities, lists) ? $"Failed to load trusted CA certificates from {options.AuthoritiesName}"
            : "";
        if (error.Length > 0)
        {
            Release(certificates, lists);
            return null;
        }
        var infos = certificates.ConvertAll(certificate => new CertificateInfo(CertificateInfo.ReadDer(certificate)));
        var store = Build(certificates, lists, options);
        Release(certificates, lists);
        return new TrustStore(store, options, [.. infos]);
    }

    /// <summary>A new stack of the names of their certificates, each once, for a server to name to its clients; the caller owns it.</summary>
    internal static nint NewNames(IEnumerable<TrustStore> stores)
    {
        var names = LibCrypto.OPENSSL_sk_new_null();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var store in stores)
        {
            var certificates = PemReader.Certificates(store._authorities);
            for (var i = 0; i < certificates.Count; i++)
            {
                if (known.Add(store.Authorities[i].Subject))
                    _ = LibCrypto.OPENSSL_sk_push(names, LibCrypto.X509_NAME_dup(LibCrypto.X509_get_subject_name(certificates[i])));
            }

            Release(certificates, []);
        }

        return names;
    }

    private static nint Build(List<nint> certificates, List<nint> lists, TrustStoreOptions options)
    {
        var store = LibCrypto.X509_STORE_new();
        foreach (var certificate in certificates)
            _ = LibCrypto.X509_STORE_add_cert(store, certificate);
        foreach (var list in lists)
            _ = LibCrypto.X509_STORE_add_crl(store, list);
        var flags = LibCrypto.FlagPartialChain;
        if (lists.Count > 0)
            flags |= options.ChecksOnlyLeafRevocation ? LibCrypto.FlagCrlCheck : LibCrypto.FlagCrlCheck | LibCrypto.FlagCrlCheckAll;
        if (options.AllowsExpired)
            flags |= LibCrypto.FlagNoCheckTime;
        _ = LibCrypto.X509_STORE_set_flags(store, flags);
        if (options.MaxDepth is { } depth)
            _ = LibCrypto.X509_STORE_set_depth(store, depth);
        return store;
    }

    private static void Release(List<nint> certificates, List<nint> lists)
    {
        foreach (var certificate in certificates)
            LibCrypto.X509_free(certificate);
        foreach (var list in lists)
            LibCrypto.X509_CRL_free(list);
    }
}

/// <summary>What goes into a <see cref="TrustStore"/>.</summary>
public sealed record TrustStoreOptions
{
    /// <summary>PEM.</summary>
    public required byte[] Authorities { get; init; }

    /// <summary>What to call them in an error.</summary>
    public required string AuthoritiesName { get; init; }

    /// <summary>PEM; empty for none. With one, every certificate of a chain needs a list that covers it.</summary>
    public byte[] RevocationLists { get; init; } = [];

    public string RevocationListsName { get; init; } = "";

    /// <summary>only_verify_leaf_cert_crl.</summary>
    public bool ChecksOnlyLeafRevocation { get; init; }

    /// <summary>allow_expired_certificate.</summary>
    public bool AllowsExpired { get; init; }

    /// <summary>Most intermediate certificates; null: the library's limit of 100.</summary>
    public int? MaxDepth { get; init; }
}
