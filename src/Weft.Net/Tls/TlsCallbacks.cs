using System.Runtime.InteropServices;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>
/// What the library calls back within a call of <see cref="TlsTransport"/>, on the same thread: the transport at hand is thread-static. Nothing here may throw.
/// </summary>
internal static unsafe class TlsCallbacks
{
    /// <summary>Any number outside the library's own: the peer gets the alert certificate_unknown.</summary>
    private const int ErrorRefused = 1000;

    private const int ErrorNone = 0;
    private const int TicketIvBytes = 16;

    [UnmanagedCallersOnly]
    public static int Verify(nint storeContext, void* argument)
    {
        var transport = TlsTransport.Current!;
        if (transport.Context.Verifier is not { } verifier)
            return AcceptUnverified(storeContext, transport);
        var certificate = LibCrypto.X509_STORE_CTX_get0_cert(storeContext);
        if (certificate == 0)
            return 0;
        var own = new CertificateInfo(CertificateInfo.ReadDer(certificate));
        LibCrypto.X509_STORE_CTX_set_error(storeContext, ErrorNone);
        var verdict = verifier.Verify(new PeerCertificates(storeContext, own, transport));
        transport.IsPeerTrusted = verdict == PeerVerdict.Accepted;
        if (verdict != PeerVerdict.Refused)
        {
            LibCrypto.X509_STORE_CTX_set_error(storeContext, ErrorNone);
            return 1;
        }
        if (LibCrypto.X509_STORE_CTX_get_error(storeContext) == ErrorNone)
            LibCrypto.X509_STORE_CTX_set_error(storeContext, ErrorRefused);
        return 0;
    }

    /// <summary>Nobody is trusted here, so nobody could prove a name: where one is demanded nobody will do.</summary>
    private static int AcceptUnverified(nint storeContext, TlsTransport transport)
    {
        if (transport.Client.ExpectedNames.Count == 0)
            return 1;
        transport.PeerFault = "verify cert failed: verify SAN list";
        LibCrypto.X509_STORE_CTX_set_error(storeContext, ErrorRefused);
        return 0;
    }

    /// <summary>The server's order decides; without a common protocol the handshake goes on without one, as in Envoy.</summary>
    [UnmanagedCallersOnly]
    public static int SelectProtocol(nint ssl, byte** selected, byte* selectedLength, byte* offered, uint offeredLength, void* argument)
    {
        ReadOnlySpan<byte> ours = TlsTransport.Current!.Context.Protocols;
        for (; ours.Length > 0; ours = ours[(1 + ours[0])..])
        {
            var wanted = ours.Slice(1, ours[0]);
            for (uint at = 0; at < offeredLength && at + 1 + offered[at] <= offeredLength; at += 1u + offered[at])
            {
                if (!wanted.SequenceEqual(new ReadOnlySpan<byte>(offered + at + 1, offered[at])))
                    continue;
                *selected = offered + at + 1;
                *selectedLength = offered[at];
                return LibSsl.ExtensionOk;
            }
        }
        return LibSsl.ExtensionNoAck;
    }

    [UnmanagedCallersOnly]
    public static int SelectCertificate(nint ssl, void* argument)
    {
        var name = OpenSsl.Text(LibSsl.SSL_get_servername(ssl, LibSsl.NameTypeHost));
        LibSsl.SSL_certs_clear(ssl);
        foreach (var certificate in TlsTransport.Current!.Context.Selector!.Select(name))
        {
            if (LibSsl.SSL_use_cert_and_key(ssl, certificate.Handle, certificate.Key, certificate.Chain, 1) != 1)
                return 0;
        }
        return 1;
    }

    [UnmanagedCallersOnly]
    public static int Staple(nint ssl, void* argument)
    {
        var context = TlsTransport.Current!.Context;
        var certificate = context.FindCertificate(LibSsl.SSL_get_certificate(ssl));
        var response = certificate?.Ocsp;
        var isValid = response is not null && response.End > DateTimeOffset.UtcNow;
        var policy = certificate is { Info.RequiresStaple: true } ? OcspPolicy.Must : context.OcspPolicy;
        var mustFail = !isValid && (policy == OcspPolicy.Must || (policy == OcspPolicy.Strict && response is not null));
        context.Observer?.OnOcspRequest(isValid, mustFail);
        if (!isValid)
            return mustFail ? LibSsl.ExtensionFatal : LibSsl.ExtensionNoAck;
        // The library frees it.
        var der = response!.Der;
        var copy = LibCrypto.CRYPTO_malloc((nuint)der.Length, null, 0);
        if (copy == null)
            return LibSsl.ExtensionFatal;
        der.CopyTo(new Span<byte>(copy, der.Length));
        _ = LibSsl.SSL_ctrl(ssl, LibSsl.CtrlSetOcspResponse, der.Length, copy);
        return LibSsl.ExtensionOk;
    }

    /// <returns>1: the session is ours to free.</returns>
    [UnmanagedCallersOnly]
    public static int NewSession(nint ssl, nint session)
    {
        if (TlsTransport.Current is not { Context.Sessions: { } sessions } transport)
            return 0;
        sessions.Put(session, transport.Client.SessionName);
        return 1;
    }

    /// <summary>Seals and opens session tickets with the configured keys; 2 asks for a fresh ticket.</summary>
    [UnmanagedCallersOnly]
    public static int Ticket(nint ssl, byte* name, byte* iv, nint cipher, nint mac, int isSealing)
    {
        var keys = TlsTransport.Current!.Context.TicketKeys;
        var keyName = new Span<byte>(name, TicketKey.NameBytes);
        if (isSealing != 0)
        {
            keys[0].Name.CopyTo(keyName);
            return LibCrypto.RAND_bytes(iv, TicketIvBytes) == 1 && UseKey(keys[0], cipher, mac, iv, isSealing: true) ? 1 : -1;
        }
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].Name.SequenceEqual(keyName))
                return UseKey(keys[i], cipher, mac, iv, isSealing: false) ? i == 0 ? 1 : 2 : -1;
        }
        return 0;
    }

    [UnmanagedCallersOnly]
    public static void KeyLog(nint ssl, byte* line)
    {
        if (TlsTransport.Current is { } transport)
            transport.Context.KeyLog!(transport.Connection, OpenSsl.Text(line));
    }

    private static bool UseKey(TicketKey key, nint cipher, nint mac, byte* iv, bool isSealing)
    {
        fixed (byte* cipherKey = key.CipherKey, macKey = key.MacKey, keyParameter = "key\0"u8, digestParameter = "digest\0"u8, sha256 = "SHA256\0"u8)
        {
            var parameters = stackalloc LibCrypto.Parameter[3];
            parameters[0] = new LibCrypto.Parameter { Key = keyParameter, Type = LibCrypto.Parameter.OctetString, Data = macKey, Size = TicketKey.MacKeyBytes };
            parameters[1] = new LibCrypto.Parameter { Key = digestParameter, Type = LibCrypto.Parameter.Utf8String, Data = sha256, Size = 6 };
            parameters[2] = default;
            if (LibCrypto.EVP_MAC_CTX_set_params(mac, parameters) != 1)
                return false;
            var algorithm = LibCrypto.EVP_aes_256_cbc();
            return (isSealing
                ? LibCrypto.EVP_EncryptInit_ex(cipher, algorithm, 0, cipherKey, iv)
                : LibCrypto.EVP_DecryptInit_ex(cipher, algorithm, 0, cipherKey, iv)) == 1;
        }
    }
}
