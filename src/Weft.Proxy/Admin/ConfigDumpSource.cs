using Envoy.Config.Route.V3;

namespace Weft.Proxy.Admin;

/// <summary>The static configuration that <c>/config_dump</c> prints besides what clusters and listeners carry themselves. Immutable.</summary>
/// <param name="Bootstrap">As read, with the node that is in use.</param>
/// <param name="StaticRoutes">The route_config of every connection manager, in the order of the listeners.</param>
/// <param name="LoadedAt">When it was read (last_updated).</param>
public sealed record ConfigDumpSource(Envoy.Config.Bootstrap.V3.Bootstrap Bootstrap, IReadOnlyList<RouteConfiguration> StaticRoutes, DateTimeOffset LoadedAt);
