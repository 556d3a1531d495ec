using System.Text;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>
/// One side's settings for TLS, made once per configuration and replaced as a whole when a certificate changes; connections made before keep
/// theirs. Immutable; shared by all workers.
/// </summary>
public sealed unsafe class TlsContext
{
    private readonly nint _handle;
    private readonly TlsContextOptions _options;

    private TlsContext(nint handle, TlsContextOptions options)
    {
        _handle = handle;
        _options = options;
        Protocols = Wire(options.ApplicationProtocols);
        if (options is { IsServer: true, Certificates.Count: > 1 })
            Selector = new CertificateSelector(options.Certificates, options.ScansAllCertificates);
        if (options is { IsServer: false, MaxSessions: > 0 })
            Sessions = new SessionCache(options.MaxSessions);
    }

    ~TlsContext() => LibSsl.SSL_CTX_free(_handle);

    public bool IsServer => _options.IsServer;

    public IReadOnlyList<TlsCertificate> Certificates => _options.Certificates;

    internal PeerVerifier? Verifier => _options.Verifier;

    internal TlsObserver? Observer => _options.Observer;

    internal Action<Connection, string>? KeyLog => _options.KeyLog;

    internal IReadOnlyList<TicketKey> TicketKeys => _options.TicketKeys;

    /// <summary>Of a client whose server may begin anew; never for a server.</summary>
    internal bool AllowsRenegotiation => _options is { IsServer: false, AllowsRenegotiation: true };

    internal OcspPolicy OcspPolicy => _options.OcspPolicy;

    internal CertificateSelector? Selector { get; }

    internal SessionCache? Sessions { get; }

    /// <summary>The protocols of ALPN, each behind its length (RFC 7301 section 3.1).</summary>
    internal byte[] Protocols { get; }

    /// <summary>Makes a context; null, with what is wrong, when the library refuses a setting or is not there.</summary>
    public static TlsContext? Create(TlsContextOptions options, out string error)
    {
        if (!OpenSsl.IsAvailable)
        {
            error = OpenSsl.MissingText;
            return null;
        }
        LibCrypto.ERR_clear_error();
        var handle = LibSsl.SSL_CTX_new(options.IsServer ? LibSsl.TLS_server_method() : LibSsl.TLS_client_method());
        if (handle == 0)
        {
            error = $"cannot make a TLS context: {TlsError.Reason()}";
            return null;
        }
        var context = new TlsContext(handle, options);
        error = context.Configure();
        return error.Length == 0 ? context : null;
    }

    /// <summary>For an accepted connection.</summary>
    public Transport NewServerTransport() => new TlsTransport(this, NewSsl(), new TlsClientOptions());

    /// <summary>For an outgoing connection.</summary>
    public Transport NewClientTransport(TlsClientOptions options) => new TlsTransport(this, NewSsl(), options);

    internal TlsCertificate? FindCertificate(nint handle)
    {
        for (var i = 0; handle != 0 && i < _options.Certificates.Count; i++)
        {
            if (_options.Certificates[i].Handle == handle)
                return _options.Certificates[i];
        }
        return null;
    }

    private nint NewSsl()
    {
        var ssl = LibSsl.SSL_new(_handle);
        if (ssl == 0)
            throw new NetException("SSL_new", Weft.Net.Native.Errno.OutOfMemory);
        return ssl;
    }

    private string Configure()
    {
        var security = _options.MinVersion < TlsVersion.Tls12 ? 0 : 1;
        LibSsl.SSL_CTX_set_security_level(_handle, security);
        Control(LibSsl.CtrlMode, LibSsl.ModePartialWrite | LibSsl.ModeMovingWriteBuffer | LibSsl.ModeNoAutoChain | LibSsl.ModeReleaseBuffers);
        Control(LibSsl.CtrlSetMinVersion, (int)_options.MinVersion);
        Control(LibSsl.CtrlSetMaxVersion, (int)_options.MaxVersion);
        LibSsl.SSL_CTX_set_options(_handle, Options());
        SetSessions();
        SetCallbacks();
        var error = SetLists();
        return error.Length > 0 ? error : SetCertificates();
    }

    private ulong Options()
    {
        var options = LibSsl.OptionNoCompression;
        if (!AllowsRenegotiation)
            options |= LibSsl.OptionNoRenegotiation;
        if (_options.DisableTickets)
            options |= LibSsl.OptionNoTicket;
        if (IsServer && !_options.PrefersClientCiphers)
            options |= LibSsl.OptionServerPreference;
        return options;
    }

    private void SetSessions()
    {
        var mode = (IsServer, Sessions) switch
        {
            (true, _) => _options.DisableSessionCache ? LibSsl.SessionCacheOff : LibSsl.SessionCacheServer,
            (false, null) => LibSsl.SessionCacheOff,
            _ => LibSsl.SessionCacheClient | LibSsl.SessionCacheNoInternal,
        };
        Control(LibSsl.CtrlSetSessionCacheMode, mode);
        fixed (byte* id = _options.SessionContext)
            _ = LibSsl.SSL_CTX_set_session_id_context(_handle, id, (uint)_options.SessionContext.Length);
        if (_options.SessionTimeoutSeconds > 0)
            _ = LibSsl.SSL_CTX_set_timeout(_handle, _options.SessionTimeoutSeconds);
        if (Sessions is not null)
            LibSsl.SSL_CTX_sess_set_new_cb(_handle, &TlsCallbacks.NewSession);
        if (_options.TicketKeys.Count > 0)
            _ = LibSsl.SSL_CTX_set_tlsext_ticket_key_evp_cb(_handle, &TlsCallbacks.Ticket);
    }

    private void SetCallbacks()
    {
        if (_options.KeyLog is not null)
            LibSsl.SSL_CTX_set_keylog_callback(_handle, &TlsCallbacks.KeyLog);
        LibSsl.SSL_CTX_set_cert_verify_callback(_handle, &TlsCallbacks.Verify, null);
        LibSsl.SSL_CTX_set_verify(_handle, VerifyMode(), null);
        if (!IsServer)
            return;
        if (Protocols.Length > 0)
            LibSsl.SSL_CTX_set_alpn_select_cb(_handle, &TlsCallbacks.SelectProtocol, null);
        if (Selector is not null)
            LibSsl.SSL_CTX_set_cert_cb(_handle, &TlsCallbacks.SelectCertificate, null);
        // Also without a response to show: that clients ask for one is counted.
        _ = LibSsl.SSL_CTX_callback_ctrl(_handle, LibSsl.CtrlSetStatusCallback, (delegate* unmanaged<nint, void*, int>)&TlsCallbacks.Staple);
        if (_options.ClientAuthorities.Count > 0)
            LibSsl.SSL_CTX_set_client_CA_list(_handle, TrustStore.NewNames(_options.ClientAuthorities));
    }

    private int VerifyMode() => (IsServer, _options.ClientCertificates) switch
    {
        (true, ClientCertificates.NotAsked) => LibSsl.VerifyNone,
        (true, ClientCertificates.Optional) => LibSsl.VerifyPeer,
        (true, _) => LibSsl.VerifyPeer | LibSsl.VerifyFailIfNoPeerCert,
        _ => _options.Verifier is null ? LibSsl.VerifyNone : LibSsl.VerifyPeer,
    };

    private string SetLists()
    {
        // BoringSSL's groups of equal preference become plain order.
        var suites = _options.CipherSuites.Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('|', ':').Trim(':');
        if (suites.Length > 0 && RefusedSuites(suites) is { Length: > 0 } refused)
            return $"Failed to initialize cipher suites {_options.CipherSuites}. The following ciphers were rejected when tried individually: {refused}";
        if (suites.Length > 0 && !Accepts(suites))
            return $"Failed to initialize cipher suites {_options.CipherSuites}. {Reason()}";
        fixed (byte* text = Terminated(_options.Curves))
        {
            if (_options.Curves.Length > 0 && LibSsl.SSL_CTX_ctrl(_handle, LibSsl.CtrlSetGroupsList, 0, text) != 1)
                return $"Failed to initialize ECDH curves {_options.Curves}";
        }
        fixed (byte* text = Terminated(_options.SignatureAlgorithms))
        {
            if (_options.SignatureAlgorithms.Length > 0 && LibSsl.SSL_CTX_ctrl(_handle, LibSsl.CtrlSetSignatureAlgorithms, 0, text) != 1)
                return $"Failed to initialize TLS signature algorithms {_options.SignatureAlgorithms}";
        }
        fixed (byte* protocols = Protocols)
        {
            if (!IsServer && Protocols.Length > 0)
                _ = LibSsl.SSL_CTX_set_alpn_protos(_handle, protocols, (uint)Protocols.Length);
        }
        return "";
    }

    private string SetCertificates()
    {
        foreach (var certificate in Selector?.Select("") ?? _options.Certificates.Take(1))
        {
            if (LibSsl.SSL_CTX_use_cert_and_key(_handle, certificate.Handle, certificate.Key, certificate.Chain, 1) != 1)
                return $"Failed to load certificate chain: {TlsError.Reason()}";
        }
        return "";
    }

    /// <summary>The library passes over names that it does not know as long as it knows one; whoever wrote them meant something.</summary>
    private string RefusedSuites(string suites)
    {
        var names = suites.Split(':', ' ', ',', ';').Where(static name => name.Length > 0 && name[0] is not ('!' or '-' or '@'));
        return string.Join(", ", names.Select(static name => name.TrimStart('+')).Where(name => !Accepts(name)));
    }

    private bool Accepts(string suites)
    {
        fixed (byte* text = Terminated(suites))
            return LibSsl.SSL_CTX_set_cipher_list(_handle, text) == 1;
    }

    private static string Reason()
    {
        var reason = TlsError.Reason();
        return reason.Length > 0 ? $"The library says: {reason}" : "";
    }

    private void Control(int command, long argument) => _ = LibSsl.SSL_CTX_ctrl(_handle, command, argument, null);

    internal static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    private static byte[] Wire(IReadOnlyList<byte[]> protocols)
    {
        var wire = new List<byte>();
        foreach (var protocol in protocols)
        {
            wire.Add((byte)protocol.Length);
            wire.AddRange(protocol);
        }
        return [.. wire];
    }
}

/// <summary>What one outgoing connection asks for.</summary>
public readonly record struct TlsClientOptions
{
    public TlsClientOptions()
    {
    }

    /// <summary>SNI; empty: none is sent.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Names of which the server's certificate must hold one, besides what the verifier is configured with; without a verifier no certificate will do. Empty: none.</summary>
    public IReadOnlyList<string> ExpectedNames { get; init; } = [];

    /// <summary>The expected names replace those that the verifier is configured with.</summary>
    public bool OnlyExpectedNames { get; init; }

    /// <summary>ALPN for this connection instead of the context's, each behind its length; null: the context's.</summary>
    public byte[]? ApplicationProtocols { get; init; }

    /// <summary>Connections with the same one may resume each other's sessions.</summary>
    internal string SessionName => ExpectedNames.Count == 0 ? ServerName : $"{ServerName} {string.Join(' ', ExpectedNames)}";
}
