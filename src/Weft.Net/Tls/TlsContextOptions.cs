namespace Weft.Net.Tls;

/// <summary>Whether a client must show a certificate.</summary>
public enum ClientCertificates : byte { NotAsked, Optional, Required }

/// <summary>What makes a <see cref="TlsContext"/>.</summary>
public sealed record TlsContextOptions
{
    /// <summary>Accepts handshakes, else starts them.</summary>
    public required bool IsServer { get; init; }

    public TlsVersion MinVersion { get; init; } = TlsVersion.Tls12;

    public TlsVersion MaxVersion { get; init; } = TlsVersion.Tls13;

    /// <summary>Suites up to TLS 1.2 as Envoy lists them: by colons, with <c>[a|b]</c> for equal ones. Empty: the library's.</summary>
    public string CipherSuites { get; init; } = "";

    /// <summary>Groups for the key exchange, by colons. Empty: the library's.</summary>
    public string Curves { get; init; } = "";

    /// <summary>By colons. Empty: the library's.</summary>
    public string SignatureAlgorithms { get; init; } = "";

    /// <summary>ALPN, in order of preference; empty: not used.</summary>
    public IReadOnlyList<byte[]> ApplicationProtocols { get; init; } = [];

    /// <summary>A server's, chosen by name and key type; of a client's the first is shown to servers that ask.</summary>
    public IReadOnlyList<TlsCertificate> Certificates { get; init; } = [];

    /// <summary>full_scan_certs_on_sni_mismatch.</summary>
    public bool ScansAllCertificates { get; init; }

    /// <summary>Null: any peer will do.</summary>
    public PeerVerifier? Verifier { get; init; }

    public ClientCertificates ClientCertificates { get; init; }

    /// <summary>Whose certificates a server asks for; empty: it does not say.</summary>
    public IReadOnlyList<TrustStore> ClientAuthorities { get; init; } = [];

    /// <summary>Sessions are resumed only where this is the same: a digest of all that a peer was checked against. At most 32 bytes.</summary>
    public byte[] SessionContext { get; init; } = [];

    /// <summary>The first seals tickets, all open them; empty: a key of the context's own.</summary>
    public IReadOnlyList<TicketKey> TicketKeys { get; init; } = [];

    public bool DisableTickets { get; init; }

    public bool DisableSessionCache { get; init; }

    /// <summary>How long a session may be resumed; 0: the library's 7,200.</summary>
    public long SessionTimeoutSeconds { get; init; }

    public OcspPolicy OcspPolicy { get; init; }

    /// <summary>The order of the client's suites counts, not the server's.</summary>
    public bool PrefersClientCiphers { get; init; }

    /// <summary>Sessions a client keeps for resumption; default 1 (max_session_keys).</summary>
    public int MaxSessions { get; init; } = 1;

    /// <summary>allow_renegotiation; never for a server.</summary>
    public bool AllowsRenegotiation { get; init; }

    /// <summary>Gets the lines of an SSLKEYLOGFILE with the connection they are of; null: none are made. On the connection's worker.</summary>
    public Action<Connection, string>? KeyLog { get; init; }

    /// <summary>Hears how handshakes end; null: nobody does.</summary>
    public TlsObserver? Observer { get; init; }
}

/// <summary>Hears how handshakes end. Shared by all workers; called on the connection's.</summary>
public abstract class TlsObserver
{
    public abstract void OnHandshake(TlsFacts facts);

    public abstract void OnFailure(TlsFailure failure);

    /// <summary>A client asked for an OCSP response.</summary>
    /// <param name="stapled">It got one.</param>
    /// <param name="failed">Its handshake fails for want of one.</param>
    public virtual void OnOcspRequest(bool stapled, bool failed)
    {
    }
}
