using Weft.Proxy.Routing.Explaining;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/explain</c>: which route a request would take through every listener, what the routes before it miss, and what would be changed. Weft's own.</summary>
internal sealed class ExplainEndpoint : AdminEndpoint
{
    private readonly AdminContext _context;

    public ExplainEndpoint(AdminContext context)
        : base("/explain", "say which route a request would take, and why")
    {
        _context = context;
        Parameters =
        [
            new("request", "The request, for example GET http://host/path"),
            new("header", "A header of it, 'name: value'; may be given more than once"),
            new("listener", "Only this listener"),
            new("random_value", "The number that shares of traffic are drawn by; 0 when left out"),
        ];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (request.Query.FindNonEmpty("request") is not { } text)
        {
            response.Answer(400, "usage: /explain?request=GET%20http://host/path&header=name:%20value&listener=NAME&random_value=N\n");
            return;
        }

        var headers = request.Query.All.Where(static pair => pair.Key == "header").Select(static pair => pair.Value).ToList();
        if (!ulong.TryParse(request.Query.FindNonEmpty("random_value") ?? "0", out var random))
        {
            response.Answer(400, "random_value is no number\n");
            return;
        }

        var clusters = _context.Clusters().Select(static cluster => cluster.Config.Name).ToHashSet(StringComparer.Ordinal);
        var output = new StringWriter();
        try
        {
            foreach (var (listener, manager) in ExplanationText.Managers(_context.Listeners(), request.Query.FindNonEmpty("listener")))
                ExplanationText.Write(ExplainedRequest.Parse(text, headers, random), listener, manager, clusters.Contains, output);
        }
        catch (FormatException e)
        {
            response.Answer(400, e.Message + "\n");
            return;
        }

        response.Answer(200, output.ToString() is { Length: > 0 } explained ? explained : "there is no such listener with routes\n");
    }
}
