using Weft.Http;
using Mode = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.ForwardClientCertDetails;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers;

/// <summary>
/// forward_client_cert_details: x-forwarded-client-cert is removed unless the connection has a client certificate or it is always to be
/// forwarded. Writing one (APPEND_FORWARD, SANITIZE_SET) comes with TLS. Immutable; any thread.
/// </summary>
internal sealed class ClientCertificateHeader(Mode mode)
{
    /// <param name="clientCertificate">The client has proven who it is.</param>
    public void Apply(HeaderMap headers, bool clientCertificate)
    {
        if (mode == Mode.AlwaysForwardOnly || (clientCertificate && mode is Mode.ForwardOnly or Mode.AppendForward)) return;
        headers.Remove(KnownHeader.XForwardedClientCert);
    }
}
