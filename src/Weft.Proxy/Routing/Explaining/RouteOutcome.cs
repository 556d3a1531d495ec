using System.Text;
using Weft.Base.Buffers;
using Weft.Http;
using Weft.Proxy.Formatting;
using Weft.Proxy.Runtime;

namespace Weft.Proxy.Routing.Explaining;

/// <summary>What a route does to a request: computed by the same code that does it, on a copy.</summary>
internal sealed class RouteOutcome
{
    private RouteOutcome(Route route, string? cluster, HeaderMap request, HeaderMap response, string location)
        => (Route, Cluster, Request, Response, Location) = (route, cluster, request, response, location);

    public Route Route { get; }

    /// <summary>Where it forwards to; null when it answers itself, or the request names no cluster.</summary>
    public string? Cluster { get; }

    /// <summary>The request's head as the upstream gets it.</summary>
    public HeaderMap Request { get; }

    /// <summary>The changes of an otherwise empty response.</summary>
    public HeaderMap Response { get; }

    /// <summary>Of a redirect; else empty.</summary>
    public string Location { get; }

    public static RouteOutcome Of(Route route, ExplainedRequest request, RuntimeSnapshot runtime)
    {
        var head = new HeaderMap();
        head.CopyFrom(request.Headers);
        var response = new HeaderMap();
        request.Info.Route = route;
        string? cluster = null;
        var location = new ByteWriter();
        if (route.Forward is { } forward)
        {
            cluster = forward.SelectCluster(new RouteRequest(request.Headers, request.Info, runtime))?.Name;
            var context = new FormatContext(request.Info, head);
            route.RequestHeaders.Apply(head, context);
            forward.Rewrite(head, context);
        }

        route.Redirect?.WriteLocation(request.Headers, location);
        route.ResponseHeaders.Apply(response, new FormatContext(request.Info, head, response));
        return new RouteOutcome(route, cluster, head, response, Encoding.UTF8.GetString(location.Written));
    }

    /// <summary>One line: where to, or what is answered.</summary>
    public string Action()
    {
        if (Route.Redirect is { } redirect) return $"redirects with {redirect.Status} to {Location}";
        if (Route.DirectResponse is { } direct) return $"answers {direct.Status} itself, {direct.Body.Length} bytes";
        return Cluster is null ? $"forwards nowhere: the request names no cluster ({Route.Forward?.ClusterNotFoundStatus})" : $"forwards to cluster {Cluster}";
    }
}
