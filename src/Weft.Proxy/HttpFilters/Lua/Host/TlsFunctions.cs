using System.Globalization;
using Weft.Net.Tls;
using Weft.Proxy.HttpFilters.Lua.Engine;

namespace Weft.Proxy.HttpFilters.Lua.Host;

/// <summary>The client's TLS connection.</summary>
internal static class TlsFunctions
{
    /// <summary>Stream, name of the method; an empty one asks whether there is TLS at all: 1 or 0.</summary>
    public static int Get(LuaRun run, LuaStack stack)
    {
        var method = stack.TextAt(2);
        if (run.Stream.Info.DownstreamTls is not { } tls)
            return stack.Give(0);
        return method switch
        {
            "" => stack.Give(1),
            "peerCertificatePresented" => stack.Give(tls.HasPeerCertificate ? 1 : 0),
            "peerCertificateValidated" => stack.Give(tls.IsPeerValidated ? 1 : 0),
            "sessionId" => stack.Give(tls.SessionId),
            "ciphersuiteId" => stack.Give(string.Create(CultureInfo.InvariantCulture, $"0x{tls.CipherId:x4}")),
            "ciphersuiteString" => stack.Give(tls.Cipher),
            "tlsVersion" => stack.Give(tls.Version),
            "urlEncodedPemEncodedPeerCertificateChain" => stack.Give(string.Concat(tls.PeerChain.Select(static certificate => certificate.UrlEncodedPem))),
            "subjectLocalCertificate" => stack.Give(tls.Local?.Subject ?? ""),
            "uriSanLocalCertificate" => Give(stack, NamesOf(tls.Local, SubjectAltNameKind.Uri)),
            "dnsSansLocalCertificate" => Give(stack, NamesOf(tls.Local, SubjectAltNameKind.Dns)),
            "oidsLocalCertificate" => Give(stack, tls.Local?.ExtensionIds),
            _ => GetOfPeer(method, tls.Peer, stack),
        };
    }

    private static int GetOfPeer(string method, CertificateInfo? peer, LuaStack stack) => method switch
    {
        "sha256PeerCertificateDigest" => stack.Give(peer?.Sha256 ?? ""),
        "serialNumberPeerCertificate" => stack.Give(peer?.SerialNumber ?? ""),
        "issuerPeerCertificate" => stack.Give(peer?.Issuer ?? ""),
        "subjectPeerCertificate" => stack.Give(peer?.Subject ?? ""),
        "commonName" => stack.Give(peer?.CommonName ?? ""),
        "organizationName" => Give(stack, peer?.Organizations),
        "uriSanPeerCertificate" => Give(stack, NamesOf(peer, SubjectAltNameKind.Uri)),
        "dnsSansPeerCertificate" => Give(stack, NamesOf(peer, SubjectAltNameKind.Dns)),
        "oidsPeerCertificate" => Give(stack, peer?.ExtensionIds),
        "validFromPeerCertificate" => stack.Give(peer?.NotBefore.ToUnixTimeSeconds() ?? 0),
        "expirationPeerCertificate" => stack.Give(peer?.NotAfter.ToUnixTimeSeconds() ?? 0),
        "urlEncodedPemEncodedPeerCertificate" => stack.Give(peer?.UrlEncodedPem ?? ""),
        _ => stack.Nothing(),
    };

    private static IEnumerable<string>? NamesOf(CertificateInfo? certificate, SubjectAltNameKind kind)
        => certificate?.SubjectAltNames.Where(name => name.Kind == kind).Select(static name => name.Text);

    private static int Give(LuaStack stack, IEnumerable<string>? texts)
    {
        stack.PushTable(0, 0);
        var item = 0;
        foreach (var text in texts ?? [])
        {
            stack.Push(text);
            stack.SetItem(++item);
        }

        return 1;
    }
}
