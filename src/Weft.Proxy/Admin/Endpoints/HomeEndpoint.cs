namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/</c>: a page for a browser with every endpoint, its parameters as a form, and buttons for what changes something.</summary>
internal sealed class HomeEndpoint(IEnumerable<AdminEndpoint> endpoints) : AdminEndpoint("/", "Admin home page")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        response.ContentType = AdminResponse.Html;
        HomePage.Write(endpoints.Where(endpoint => endpoint.Path != Path).OrderBy(endpoint => endpoint.Path, StringComparer.Ordinal), response.Body);
    }
}
