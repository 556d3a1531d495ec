namespace Weft.Proxy.Routing;

/// <summary>A compiled route with what it was made of, while its virtual host is compiled.</summary>
internal readonly record struct WrittenRoute(RouteEntry Entry, Envoy.Config.Route.V3.Route Message);
