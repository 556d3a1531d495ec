using System.Text;
using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>One route of a virtual host: when it matches and what it leads to. Immutable; any thread.</summary>
internal sealed class RouteEntry(RouteOrigin origin, PathMatcher path, RouteConditions? conditions, IRouteTarget target)
{
    /// <summary>What every matching path begins with; routes are indexed by it.</summary>
    public ReadOnlyMemory<byte> Literal => path.Literal;

    public bool MatchesWithoutPath => path.MatchesWithoutPath;

    public RouteOrigin Origin => origin;

    public PathMatcher Path => path;

    public IRouteTarget Target => target;

    /// <summary>The route that the request takes, or null when it does not match.</summary>
    /// <param name="requestPath">Without query, fragment and (where configured) parameters.</param>
    public Route? Match(ReadOnlySpan<byte> requestPath, bool isConnect, in RouteRequest request)
        => path.IsMatch(requestPath, isConnect) && (conditions is null || conditions.Hold(request)) ? target.Pick(request) : null;

    /// <summary>Why <see cref="Match"/> gives nothing, for a person; null when it gives a route.</summary>
    public string? Mismatch(ReadOnlySpan<byte> requestPath, bool isConnect, in RouteRequest request)
    {
        if (path.IsMatch(requestPath, isConnect)) return conditions?.Mismatch(request);
        return path.MatchesWithoutPath ? "connect_matcher: the method is not CONNECT" : $"{path} does not match the path '{Encoding.UTF8.GetString(requestPath)}'";
    }
}
