namespace Weft.Proxy.Routing;

/// <summary>What a matching entry of a virtual host leads to: a route, or one of several by weight. Immutable; any thread.</summary>
internal interface IRouteTarget
{
    /// <summary>What can be picked, with the weight as configured.</summary>
    IEnumerable<(Route Route, uint Weight)> Variants { get; }

    /// <summary>The route that a request takes. No allocation.</summary>
    Route Pick(in RouteRequest request);
}
