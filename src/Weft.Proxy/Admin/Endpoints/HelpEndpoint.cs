namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/help</c>: the endpoints with their parameters.</summary>
internal sealed class HelpEndpoint(IEnumerable<AdminEndpoint> endpoints) : AdminEndpoint("/help", "print out list of admin commands")
{
    public override void Handle(AdminRequest request, AdminResponse response) =>
        HelpText.Write(endpoints.OrderBy(endpoint => endpoint.Path, StringComparer.Ordinal), response.Body);
}
