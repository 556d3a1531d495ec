using Weft.Proxy.Routing.Matching;

namespace Weft.Proxy.Routing;

/// <summary>One route of a virtual host: when it matches and what it leads to. Immutable; any thread.</summary>
internal sealed class RouteEntry(PathMatcher path, RouteConditions? conditions, WeightedRoutes targets)
{
    /// <summary>What every matching path begins with; routes are indexed by it.</summary>
    public ReadOnlyMemory<byte> Literal => path.Literal;

    public bool MatchesWithoutPath => path.MatchesWithoutPath;

    /// <summary>The route that the request takes, or null when it does not match.</summary>
    /// <param name="requestPath">Without query, fragment and (where configured) parameters.</param>
    public Route? Match(ReadOnlySpan<byte> requestPath, bool isConnect, in RouteRequest request)
        => path.IsMatch(requestPath, isConnect) && (conditions is null || conditions.Hold(request)) ? targets.Pick(request) : null;
}
