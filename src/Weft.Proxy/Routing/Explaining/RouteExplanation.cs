namespace Weft.Proxy.Routing.Explaining;

/// <summary>How a request found its route, or did not.</summary>
/// <param name="Host">What was looked up among the domains.</param>
/// <param name="VirtualHost">Null: no domain fits.</param>
/// <param name="IsTlsRedirect">require_tls sends the client to https before any route is tried.</param>
/// <param name="Trail">What the virtual host's matcher looked at on the way to the routes, a line each.</param>
/// <param name="Tried">The routes that were tried, in order.</param>
/// <param name="Route">Null: none matches.</param>
internal sealed record RouteExplanation(string Host, VirtualHost? VirtualHost, bool IsTlsRedirect, IReadOnlyList<string> Trail, IReadOnlyList<TriedRoute> Tried, Route? Route);

/// <summary>A route that was tried.</summary>
/// <param name="Mismatch">Why it does not match; null: it does.</param>
/// <param name="Target">What it leads to.</param>
internal sealed record TriedRoute(RouteOrigin Origin, string? Mismatch, IRouteTarget Target);
