using System.Runtime.InteropServices;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>Decides whether a peer's certificate will do. Shared by all workers; called within handshakes, so it must not block or throw.</summary>
public abstract class PeerVerifier
{
    public abstract PeerVerdict Verify(in PeerCertificates peer);

    /// <summary>A session resumed without a new check says nothing about who the peer is: it may have been tolerated only.</summary>
    public virtual bool ToleratesUntrusted => false;
}

/// <summary>What a <see cref="PeerVerifier"/> says.</summary>
public enum PeerVerdict : byte
{
    /// <summary>Goes on, as a peer that has proven who it is.</summary>
    Accepted,

    /// <summary>Goes on, as a peer that has not.</summary>
    Tolerated,

    /// <summary>The handshake fails.</summary>
    Refused,
}

/// <summary>What a peer shows in a handshake.</summary>
public readonly unsafe ref struct PeerCertificates
{
    private readonly nint _storeContext;
    private readonly TlsTransport _transport;

    internal PeerCertificates(nint storeContext, CertificateInfo own, TlsTransport transport)
    {
        _storeContext = storeContext;
        _transport = transport;
        Own = own;
        ServerName = transport.Client.ServerName;
        ExpectedNames = transport.Client.ExpectedNames;
        OnlyExpectedNames = transport.Client.OnlyExpectedNames;
    }

    /// <summary>The peer's own certificate.</summary>
    public CertificateInfo Own { get; }

    /// <summary>On the connecting side, the name asked for; empty when none was.</summary>
    public string ServerName { get; }

    /// <summary>On the connecting side, names of which the certificate must hold one (auto_san_validation), besides what is configured; empty: none.</summary>
    public IReadOnlyList<string> ExpectedNames { get; }

    /// <summary>They replace those that are configured (auto_sni_san_validation).</summary>
    public bool OnlyExpectedNames { get; }

    /// <summary>Says why the peer is refused, for <see cref="Transport.Failure"/>.</summary>
    public void Explain(string why) => _transport.PeerFault = "verify cert failed: " + why;

    /// <summary>Whether a chain leads from the certificate to one of the store; if not, that is explained, and the alert that the peer gets says it too.</summary>
    public bool IsTrustedBy(TrustStore store)
    {
        var context = LibCrypto.X509_STORE_CTX_new();
        var own = LibCrypto.X509_STORE_CTX_get0_cert(_storeContext);
        var others = LibCrypto.X509_STORE_CTX_get0_untrusted(_storeContext);
        var isTrusted = false;
        if (context != 0 && LibCrypto.X509_STORE_CTX_init(context, store.Handle, own, others) == 1)
        {
            fixed (byte* purpose = _transport.Context.IsServer ? "ssl_client\0"u8 : "ssl_server\0"u8)
                _ = LibCrypto.X509_STORE_CTX_set_default(context, purpose);
            isTrusted = LibCrypto.X509_verify_cert(context) == 1;
            if (!isTrusted)
                NoteError(context);
        }
        LibCrypto.X509_STORE_CTX_free(context);
        GC.KeepAlive(store);
        return isTrusted;
    }

    private void NoteError(nint context)
    {
        var error = LibCrypto.X509_STORE_CTX_get_error(context);
        LibCrypto.X509_STORE_CTX_set_error(_storeContext, error);
        var text = OpenSsl.Text(LibCrypto.X509_verify_cert_error_string(new CLong(error)));
        Explain($"X509_verify_cert: certificate verification error at depth {LibCrypto.X509_STORE_CTX_get_error_depth(context)}: {text}");
    }
}
