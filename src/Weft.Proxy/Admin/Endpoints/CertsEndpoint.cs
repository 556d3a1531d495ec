using Envoy.Admin.V3;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/certs</c>: the certificates in use, as JSON; none as long as there is no TLS.</summary>
internal sealed class CertsEndpoint() : AdminEndpoint("/certs", "print certs on machine")
{
    public override void Handle(AdminRequest request, AdminResponse response) => AdminJson.Answer(response, new Certificates(), withDefaults: true);
}
