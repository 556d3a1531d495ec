using Weft.Base.Stats;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>The names under <c>ssl.ciphers.</c>, <c>ssl.versions.</c>, <c>ssl.curves.</c> and <c>ssl.sigalgs.</c>; what is not in the table is counted as unknown.</summary>
internal static class TlsStatNames
{
    private static readonly string[] s_ciphers =
    [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA",
        "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA",
        "unknown_ssl_cipher",
    ];

    private static readonly string[] s_versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "unknown_ssl_version"];

    private static readonly string[] s_groups = ["x25519", "secp256r1", "secp384r1", "secp521r1", "x448"];

    /// <summary>The same groups as Envoy calls them.</summary>
    private static readonly string[] s_curves = ["X25519", "P-256", "P-384", "P-521", "X448", "unknown_ssl_curve"];

    private static readonly string[] s_signatures =
    [
        "rsa_pkcs1_sha1", "rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512", "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512",
        "ecdsa_sha1", "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ed25519", "ed448",
        "unknown_ssl_algorithm",
    ];

    /// <summary>Each kind of name with what stands before it, in the order of members.</summary>
    private static readonly (string Start, string[] Names)[] s_kinds = [("ciphers.", s_ciphers), ("versions.", s_versions), ("curves.", s_curves), ("sigalgs.", s_signatures)];

    public static readonly StatNames Names = new("agreed on in handshakes", s_kinds.Sum(static kind => kind.Names.Length), NameOf);

    /// <summary>The member that counts it.</summary>
    public static int Cipher(string name) => Member(s_ciphers, 0, Array.IndexOf(s_ciphers, name));

    public static int Version(string name) => Member(s_versions, s_ciphers.Length, Array.IndexOf(s_versions, name));

    /// <summary>-1 for a handshake without a group.</summary>
    public static int Curve(string group) => group.Length == 0 ? -1 : Member(s_curves, s_ciphers.Length + s_versions.Length, Array.IndexOf(s_groups, group));

    /// <summary>-1 where nothing was signed.</summary>
    public static int Signature(string name) =>
        name.Length == 0 ? -1 : Member(s_signatures, s_ciphers.Length + s_versions.Length + s_curves.Length, Array.IndexOf(s_signatures, name));

    /// <param name="index">-1: it is not among the names, of which the last one stands for all others.</param>
    private static int Member(string[] names, int offset, int index) => offset + (index < 0 ? names.Length - 1 : index);

    private static string NameOf(int member)
    {
        foreach (var (start, names) in s_kinds)
        {
            if (member < names.Length)
                return start + names[member];
            member -= names.Length;
        }

        throw new ArgumentOutOfRangeException(nameof(member));
    }
}
