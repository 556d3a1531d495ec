using System.Collections.Concurrent;
using System.Text;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>What a handshake came to, for headers, logs and policies. Immutable but for what is computed on demand; outlives the connection. One worker.</summary>
public sealed class TlsFacts
{
    private static readonly ConcurrentDictionary<nint, string> s_cipherNames = new();
    private static readonly ConcurrentDictionary<int, string> s_groupNames = new();
    private readonly byte[] _sessionId;
    private CertificateInfo[]? _peer;
    private byte[][]? _principals;
    private readonly byte[][] _peerDer;

    internal unsafe TlsFacts(nint ssl, TlsContext context, bool isPeerTrusted, long completedUs)
    {
        CompletedUs = completedUs;
        PeerSignature = SignatureScheme.OfPeer(ssl);
        Version = LibSsl.SSL_version(ssl) switch { 0x0301 => "TLSv1", 0x0302 => "TLSv1.1", 0x0303 => "TLSv1.2", _ => "TLSv1.3" };
        var cipher = LibSsl.SSL_get_current_cipher(ssl);
        if (!s_cipherNames.TryGetValue(cipher, out var name))
            s_cipherNames[cipher] = name = OpenSsl.Text(LibSsl.SSL_CIPHER_get_name(cipher));
        Cipher = name;
        CipherId = cipher == 0 ? (ushort)0xFFFF : LibSsl.SSL_CIPHER_get_protocol_id(cipher);
        IsResumed = LibSsl.SSL_session_reused(ssl) != 0;
        var group = (int)LibSsl.SSL_ctrl(ssl, LibSsl.CtrlGetNegotiatedGroup, 0, null);
        if (!s_groupNames.TryGetValue(group, out name))
            s_groupNames[group] = name = OpenSsl.Text(LibSsl.SSL_group_to_name(ssl, group));
        Group = name;
        ServerName = context.IsServer ? OpenSsl.Text(LibSsl.SSL_get_servername(ssl, LibSsl.NameTypeHost)) : "";
        _peerDer = ReadPeerChain(ssl, context.IsServer);
        Local = context.FindCertificate(LibSsl.SSL_get_certificate(ssl))?.Info;
        IsPeerValidated = HasPeerCertificate && (isPeerTrusted || (IsResumed && context.Verifier is { ToleratesUntrusted: false }));
        uint length = 0;
        var session = LibSsl.SSL_get_session(ssl);
        var id = session == 0 ? null : LibSsl.SSL_SESSION_get_id(session, &length);
        _sessionId = new ReadOnlySpan<byte>(id, id == null ? 0 : (int)length).ToArray();
    }

    /// <summary>For example <c>TLSv1.3</c>.</summary>
    public string Version { get; }

    /// <summary>OpenSSL's name of the cipher suite; the standard's name in TLS 1.3.</summary>
    public string Cipher { get; }

    /// <summary>The standard's number of the cipher suite; 0xFFFF when there is none.</summary>
    public ushort CipherId { get; }

    /// <summary>The key exchange, for example <c>x25519</c>; empty when the handshake had none.</summary>
    public string Group { get; }

    /// <summary>How the peer signed its part of the handshake, for example <c>ecdsa_secp256r1_sha256</c>; empty when it signed nothing (no certificate, or a resumption).</summary>
    public string PeerSignature { get; }

    /// <summary>When it was done, in microseconds of the loop's clock.</summary>
    public long CompletedUs { get; }

    /// <summary>In lower-case hexadecimal digits.</summary>
    public string SessionId => Convert.ToHexStringLower(_sessionId);

    /// <summary>What the client asked for (server side); empty when it did not say.</summary>
    public string ServerName { get; }

    public bool IsResumed { get; }

    public bool HasPeerCertificate => _peerDer.Length > 0;

    /// <summary>The peer's certificate passed the verifier (not merely tolerated).</summary>
    public bool IsPeerValidated { get; }

    /// <summary>Our own certificate; null when none was shown.</summary>
    public CertificateInfo? Local { get; }

    /// <summary>The peer's certificates, its own first; only that one after a resumption. Empty without.</summary>
    public CertificateInfo[] PeerChain => _peer ??= Array.ConvertAll(_peerDer, static der => new CertificateInfo(der));

    /// <summary>The peer's own certificate; null when it showed none.</summary>
    public CertificateInfo? Peer => HasPeerCertificate ? PeerChain[0] : null;

    /// <summary>Who the peer says it is, UTF-8: the URIs of its certificate, then its DNS names, then its subject (empty without a certificate).</summary>
    public IReadOnlyList<byte[]> PeerPrincipals => _principals ??= ReadPrincipals();

    /// <summary>Room for what a reader makes of it once per connection.</summary>
    public object? Note { get; set; }

    private byte[][] ReadPrincipals()
    {
        var names = (Peer?.SubjectAltNames ?? []).Where(static name => !name.HasNul).ToArray();
        var uris = names.Where(static name => name.Kind == SubjectAltNameKind.Uri);
        var hosts = names.Where(static name => name.Kind == SubjectAltNameKind.Dns);
        return [.. uris.Concat(hosts).Select(static name => name.Text).Append(Peer?.Subject ?? "").Select(Encoding.UTF8.GetBytes)];
    }

    private static byte[][] ReadPeerChain(nint ssl, bool isServer)
    {
        var leaf = LibSsl.SSL_get1_peer_certificate(ssl);
        if (leaf == 0)
            return [];
        var own = CertificateInfo.ReadDer(leaf);
        LibCrypto.X509_free(leaf);
        var stack = LibSsl.SSL_get_peer_cert_chain(ssl);
        var count = stack == 0 ? 0 : LibCrypto.OPENSSL_sk_num(stack);
        // The chain of a client's view begins with the server's own certificate; that of a server's view does not.
        var first = isServer ? 0 : 1;
        var chain = new byte[1 + Math.Max(count - first, 0)][];
        chain[0] = own;
        for (var i = first; i < count; i++)
            chain[1 + i - first] = CertificateInfo.ReadDer(LibCrypto.OPENSSL_sk_value(stack, i));
        return chain;
    }
}
