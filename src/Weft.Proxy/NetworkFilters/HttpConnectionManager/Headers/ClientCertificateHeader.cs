using System.Text;
using Weft.Http;
using Weft.Net.Tls;
using Details = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.SetCurrentClientCertDetails;
using Mode = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ForwardClientCertDetails;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>
/// forward_client_cert_details: what becomes of x-forwarded-client-cert. What a client without a certificate says of itself is removed. Immutable; any
/// thread.
/// </summary>
internal sealed class ClientCertificateHeader(Mode mode, Details? details)
{
    /// <param name="headers">The request's.</param>
    /// <param name="tls">The client's connection; null in clear text.</param>
    public void Apply(HeaderMap headers, TlsFacts? tls)
    {
        if (mode == Mode.AlwaysForwardOnly)
            return;
        if (mode == Mode.Sanitize || tls is not { HasPeerCertificate: true })
        {
            headers.Remove(KnownHeader.XForwardedClientCert);
            return;
        }

        if (mode == Mode.ForwardOnly)
            return;
        var element = ElementOf(tls);
        if (mode == Mode.AppendForward && headers.Get(KnownHeader.XForwardedClientCert) is { IsEmpty: false } before)
            headers.Set(KnownHeader.XForwardedClientCert, [.. before, (byte)',', .. element]);
        else
            headers.Set(KnownHeader.XForwardedClientCert, element);
    }

    /// <summary>The same for every request of a connection: made once, and kept with it.</summary>
    private byte[] ElementOf(TlsFacts tls)
    {
        if (tls.Note is Element known && known.Header == this)
            return known.Text;
        var text = Encoding.UTF8.GetBytes(Describe(tls));
        tls.Note = new Element(this, text);
        return text;
    }

    private string Describe(TlsFacts tls)
    {
        var peer = tls.Peer!;
        var parts = new List<string>();
        AddNames(parts, "By", tls.Local, SubjectAltNameKind.Uri);
        parts.Add($"Hash={peer.Sha256}");
        if (details is null)
            return string.Join(';', parts);
        if (details.Cert)
            parts.Add($"Cert=\"{peer.UrlEncodedPem}\"");
        if (details.Chain)
            parts.Add($"Chain=\"{string.Concat(tls.PeerChain.Select(certificate => certificate.UrlEncodedPem))}\"");
        if (details.Subject ?? false)
            parts.Add($"Subject=\"{(IsSafe(peer.Subject) ? peer.Subject : "")}\"");
        if (details.Uri && !AddNames(parts, "URI", peer, SubjectAltNameKind.Uri))
            parts.Add("URI=");
        if (details.Dns)
            AddNames(parts, "DNS", peer, SubjectAltNameKind.Dns);
        return string.Join(';', parts);
    }

    private static bool AddNames(List<string> parts, string key, CertificateInfo? certificate, SubjectAltNameKind kind)
    {
        var before = parts.Count;
        foreach (var name in certificate?.SubjectAltNames ?? [])
        {
            // A name that holds what separates elements could claim to be another client.
            if (name.Kind == kind && IsSafe(name.Text) && !name.Text.AsSpan().ContainsAny(";,\""))
                parts.Add($"{key}={name.Text}");
        }

        return parts.Count > before;
    }

    private static bool IsSafe(string text) => !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.Contains('\x7f', StringComparison.Ordinal);

    private sealed record Element(ClientCertificateHeader Header, byte[] Text);
}
