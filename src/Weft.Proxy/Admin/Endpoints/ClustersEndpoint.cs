namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/clusters</c>: limits, endpoints and their numbers, as text or JSON.</summary>
internal sealed class ClustersEndpoint(AdminContext context) : AdminEndpoint("/clusters", "upstream cluster status")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (request.Query.Find("format") == "json")
        {
            AdminJson.Answer(response, ClustersMessage.Of(context.Clusters()), withDefaults: false);
            return;
        }
        foreach (var cluster in context.Clusters())
            ClustersText.Write(cluster, response.Body);
    }
}
