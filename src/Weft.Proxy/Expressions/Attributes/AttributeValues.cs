using Weft.Net;
using Weft.Net.Tls;

namespace Weft.Proxy.Expressions.Attributes;

/// <summary>Values that attributes of several groups are made of.</summary>
internal static class AttributeValues
{
    private delegate CelValue TlsReader(in CelContext context, TlsFacts tls);

    private static readonly Dictionary<string, TlsReader> s_tls = new(StringComparer.Ordinal)
    {
        ["tls_version"] = static (in CelContext context, TlsFacts tls) => context.Scratch.String(tls.Version),
        ["subject_local_certificate"] = static (in CelContext context, TlsFacts tls) => context.Scratch.String(tls.Local?.Subject ?? ""),
        ["subject_peer_certificate"] = static (in CelContext context, TlsFacts tls) => context.Scratch.String(tls.Peer?.Subject ?? ""),
        ["dns_san_local_certificate"] = static (in CelContext context, TlsFacts tls) => Name(context, tls.Local, SubjectAltNameKind.Dns),
        ["dns_san_peer_certificate"] = static (in CelContext context, TlsFacts tls) => Name(context, tls.Peer, SubjectAltNameKind.Dns),
        ["uri_san_local_certificate"] = static (in CelContext context, TlsFacts tls) => Name(context, tls.Local, SubjectAltNameKind.Uri),
        ["uri_san_peer_certificate"] = static (in CelContext context, TlsFacts tls) => Name(context, tls.Peer, SubjectAltNameKind.Uri),
        ["sha256_peer_certificate_digest"] = static (in CelContext context, TlsFacts tls) => Text(context, tls.Peer?.Sha256),
    };

    /// <summary>The handshake of a side.</summary>
    public delegate TlsFacts? TlsSide(in CelContext context);

    /// <summary>Adds what a handshake tells; missing in clear text.</summary>
    public static Dictionary<string, AttributeReader> WithTls(Dictionary<string, AttributeReader> fields, TlsSide side)
    {
        foreach (var (name, reader) in s_tls)
            fields.Add(name, (in CelContext context) => side(context) is { } tls ? reader(context, tls) : CelErrors.NoSuchKey);
        return fields;
    }

    /// <summary>Missing when null or empty.</summary>
    public static CelValue Text(in CelContext context, string? text) => string.IsNullOrEmpty(text) ? CelErrors.NoSuchKey : context.Scratch.String(text);

    /// <summary>As <c>1.2.3.4:80</c>.</summary>
    public static CelValue Address(in CelContext context, NetAddress address)
    {
        if (address.Kind == NetAddressKind.None)
            return CelErrors.NoSuchKey;
        Span<byte> text = stackalloc byte[NetAddress.MaxTextBytes];
        return context.Scratch.String(text[..address.Format(text, withPort: true)]);
    }

    public static CelValue Port(NetAddress address) =>
        address.Kind is NetAddressKind.IPv4 or NetAddressKind.IPv6 ? CelValue.Of((long)address.Port) : CelErrors.NoSuchKey;

    /// <summary>From one moment of the loop's clock to another; missing while one of them has not come.</summary>
    public static CelValue Between(long startUs, long endUs)
    {
        if (startUs == 0 || endUs == 0)
            return CelErrors.NoSuchKey;
        var us = endUs - startUs;
        return CelValue.Duration(us / 1_000_000, (int)(us % 1_000_000) * 1000);
    }

    /// <summary>The first name of a kind.</summary>
    private static CelValue Name(in CelContext context, CertificateInfo? certificate, SubjectAltNameKind kind)
    {
        if (certificate is null)
            return CelErrors.NoSuchKey;
        foreach (var name in certificate.SubjectAltNames)
        {
            if (name.Kind == kind)
                return context.Scratch.String(name.Text);
        }

        return CelErrors.NoSuchKey;
    }
}
