using System.Runtime.InteropServices;

namespace Weft.Net.Tls.Native;

/// <summary>libssl of OpenSSL 3. Only pointers and numbers cross; no callback may throw.</summary>
internal static unsafe partial class LibSsl
{
    public const string Library = "libssl.so.3";

    public const int ErrorWantRead = 2;
    public const int ErrorZeroReturn = 6;

    public const int VerifyNone = 0;
    public const int VerifyPeer = 1;
    public const int VerifyFailIfNoPeerCert = 2;

    public const int CtrlMode = 33;
    public const int CtrlSetSessionCacheMode = 44;
    public const int CtrlSetHostName = 55;
    public const int CtrlSetStatusCallback = 63;
    public const int CtrlSetOcspResponse = 71;
    public const int CtrlSetGroupsList = 92;
    public const int CtrlSetSignatureAlgorithms = 98;
    public const int CtrlSetMinVersion = 123;
    public const int CtrlSetMaxVersion = 124;
    public const int CtrlGetNegotiatedGroup = 134;
    public const int CtrlGetPeerSignatureDigest = 108;

    public const int ModePartialWrite = 0x01;
    public const int ModeMovingWriteBuffer = 0x02;
    public const int ModeNoAutoChain = 0x08;
    public const int ModeReleaseBuffers = 0x10;

    public const int SessionCacheOff = 0;
    public const int SessionCacheClient = 1;
    public const int SessionCacheServer = 2;
    public const int SessionCacheNoInternal = 0x300;

    public const ulong OptionNoTicket = 1UL << 14;
    public const ulong OptionNoCompression = 1UL << 17;
    public const ulong OptionServerPreference = 1UL << 22;
    public const ulong OptionNoRenegotiation = 1UL << 30;

    public const int ShutdownBoth = 3;
    public const int NameTypeHost = 0;
    public const int ExtensionOk = 0;
    public const int ExtensionFatal = 2;
    public const int ExtensionNoAck = 3;

    /// <summary>What kind of key the peer signed with; 1 when it signed at all.</summary>
    [LibraryImport(Library)]
    public static partial int SSL_get_peer_signature_type_nid(nint ssl, int* nid);

    [LibraryImport(Library)]
    public static partial nint TLS_server_method();

    [LibraryImport(Library)]
    public static partial nint TLS_client_method();

    [LibraryImport(Library)]
    public static partial nint SSL_CTX_new(nint method);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial long SSL_CTX_ctrl(nint context, int command, long argument, void* pointer);

    [LibraryImport(Library)]
    public static partial long SSL_CTX_callback_ctrl(nint context, int command, void* callback);

    [LibraryImport(Library)]
    public static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_security_level(nint context, int level);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_cipher_list(nint context, byte* list);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_verify(nint context, int mode, void* callback);

    [LibraryImport(Library)]
    public static partial void SSL_set_verify(nint ssl, int mode, void* callback);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_cert_verify_callback(nint context, delegate* unmanaged<nint, void*, int> callback, void* argument);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_cert_cb(nint context, delegate* unmanaged<nint, void*, int> callback, void* argument);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_alpn_select_cb(nint context, delegate* unmanaged<nint, byte**, byte*, byte*, uint, void*, int> callback, void* argument);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_alpn_protos(nint context, byte* protocols, uint length);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_use_cert_and_key(nint context, nint certificate, nint key, nint chain, int replace);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_client_CA_list(nint context, nint names);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_session_id_context(nint context, byte* id, uint length);

    [LibraryImport(Library)]
    public static partial long SSL_CTX_set_timeout(nint context, long seconds);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_sess_set_new_cb(nint context, delegate* unmanaged<nint, nint, int> callback);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_tlsext_ticket_key_evp_cb(nint context, delegate* unmanaged<nint, byte*, byte*, nint, nint, int, int> callback);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_keylog_callback(nint context, delegate* unmanaged<nint, byte*, void> callback);

    [LibraryImport(Library)]
    public static partial nint SSL_new(nint context);

    [LibraryImport(Library)]
    public static partial void SSL_free(nint ssl);

    [LibraryImport(Library)]
    public static partial void SSL_set_bio(nint ssl, nint read, nint write);

    [LibraryImport(Library)]
    public static partial void SSL_set_accept_state(nint ssl);

    [LibraryImport(Library)]
    public static partial void SSL_set_connect_state(nint ssl);

    [LibraryImport(Library)]
    public static partial int SSL_do_handshake(nint ssl);

    [LibraryImport(Library)]
    public static partial int SSL_read(nint ssl, byte* buffer, int count);

    [LibraryImport(Library)]
    public static partial int SSL_write(nint ssl, byte* buffer, int count);

    [LibraryImport(Library)]
    public static partial int SSL_shutdown(nint ssl);

    [LibraryImport(Library)]
    public static partial void SSL_set_shutdown(nint ssl, int mode);

    [LibraryImport(Library)]
    public static partial int SSL_get_error(nint ssl, int result);

    [LibraryImport(Library)]
    public static partial long SSL_ctrl(nint ssl, int command, long argument, void* pointer);

    [LibraryImport(Library)]
    public static partial void SSL_get0_alpn_selected(nint ssl, byte** data, uint* length);

    [LibraryImport(Library)]
    public static partial byte* SSL_get_servername(nint ssl, int type);

    [LibraryImport(Library)]
    public static partial int SSL_version(nint ssl);

    [LibraryImport(Library)]
    public static partial nint SSL_get_current_cipher(nint ssl);

    [LibraryImport(Library)]
    public static partial byte* SSL_CIPHER_get_name(nint cipher);

    [LibraryImport(Library)]
    public static partial ushort SSL_CIPHER_get_protocol_id(nint cipher);

    [LibraryImport(Library)]
    public static partial int SSL_session_reused(nint ssl);

    [LibraryImport(Library)]
    public static partial nint SSL_get1_peer_certificate(nint ssl);

    [LibraryImport(Library)]
    public static partial nint SSL_get_peer_cert_chain(nint ssl);

    [LibraryImport(Library)]
    public static partial nint SSL_get_certificate(nint ssl);

    [LibraryImport(Library)]
    public static partial int SSL_set_alpn_protos(nint ssl, byte* protocols, uint length);

    [LibraryImport(Library)]
    public static partial int SSL_set_session(nint ssl, nint session);

    [LibraryImport(Library)]
    public static partial nint SSL_get_session(nint ssl);

    [LibraryImport(Library)]
    public static partial void SSL_SESSION_free(nint session);

    [LibraryImport(Library)]
    public static partial int SSL_SESSION_up_ref(nint session);

    [LibraryImport(Library)]
    public static partial int SSL_SESSION_get_protocol_version(nint session);

    [LibraryImport(Library)]
    public static partial byte* SSL_SESSION_get_id(nint session, uint* length);

    [LibraryImport(Library)]
    public static partial void SSL_certs_clear(nint ssl);

    [LibraryImport(Library)]
    public static partial int SSL_use_cert_and_key(nint ssl, nint certificate, nint key, nint chain, int replace);

    [LibraryImport(Library)]
    public static partial byte* SSL_group_to_name(nint ssl, int id);
}
