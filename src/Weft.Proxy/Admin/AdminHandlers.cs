using Weft.Base.Logging;

namespace Weft.Proxy.Admin;

/// <summary>
/// Answers admin requests: finds the endpoint, checks the method. Knows no transport. Main thread.
/// </summary>
public sealed class AdminHandlers
{
    private static readonly Logger Log = Logger.Get("admin");

    private readonly Dictionary<string, AdminEndpoint> _byPath;

    internal AdminHandlers(IEnumerable<AdminEndpoint> endpoints)
    {
        Endpoints = [.. endpoints.OrderBy(endpoint => endpoint.Path, StringComparer.Ordinal)];
        _byPath = Endpoints.ToDictionary(endpoint => endpoint.Path, StringComparer.Ordinal);
    }

    /// <summary>All endpoints of a proxy.</summary>
    public AdminHandlers(AdminContext context)
        : this(AdminRegistry.Endpoints(context))
    {
    }

    /// <summary>By path.</summary>
    public IReadOnlyList<AdminEndpoint> Endpoints { get; }

    public AdminResponse Handle(AdminRequest request)
    {
        var response = new AdminResponse();
        if (!_byPath.TryGetValue(request.Path, out var endpoint))
        {
            response.Status = 404;
            response.Body.Write("invalid path. ");
            HelpText.Write(Endpoints, response.Body);
        }
        else if (endpoint.Mutates && request.Method != "POST")
        {
            Log.Error($"admin path \"{endpoint.Path}\" mutates state, method={request.Method} rather than POST");
            response.Answer(405, $"Method {request.Method} not allowed, POST required.");
        }
        else
            endpoint.Handle(request, response);
        return response;
    }
}
