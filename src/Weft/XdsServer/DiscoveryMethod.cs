using Weft.Xds;

namespace Weft.XdsServer;

/// <summary>A method of a discovery service.</summary>
/// <param name="Type">The type it serves; null: all of them (ADS).</param>
/// <param name="IsDelta">Incremental.</param>
internal sealed record DiscoveryMethod(ResourceType? Type, bool IsDelta)
{
    private static readonly Dictionary<string, DiscoveryMethod> Methods = All().ToDictionary(pair => pair.Path, pair => pair.Method, StringComparer.Ordinal);

    /// <summary>By :path; null when it is none that is served.</summary>
    public static DiscoveryMethod? Find(string path) => Methods.GetValueOrDefault(path);

    private static IEnumerable<(string Path, DiscoveryMethod Method)> All()
    {
        (string Service, string Suffix, ResourceType? Type)[] services =
        [
            ("discovery.v3.AggregatedDiscoveryService", "AggregatedResources", null),
            ("cluster.v3.ClusterDiscoveryService", "Clusters", ResourceType.Clusters),
            ("endpoint.v3.EndpointDiscoveryService", "Endpoints", ResourceType.Endpoints),
            ("listener.v3.ListenerDiscoveryService", "Listeners", ResourceType.Listeners),
            ("route.v3.RouteDiscoveryService", "Routes", ResourceType.Routes),
            ("route.v3.ScopedRoutesDiscoveryService", "ScopedRoutes", ResourceType.ScopedRoutes),
            ("secret.v3.SecretDiscoveryService", "Secrets", ResourceType.Secrets),
            ("route.v3.VirtualHostDiscoveryService", "VirtualHosts", ResourceType.VirtualHosts),
            ("runtime.v3.RuntimeDiscoveryService", "Runtime", ResourceType.Runtime),
            ("extension.v3.ExtensionConfigDiscoveryService", "ExtensionConfigs", ResourceType.ExtensionConfigs),
        ];
        foreach (var (service, suffix, type) in services)
        {
            yield return ($"/envoy.service.{service}/Stream{suffix}", new DiscoveryMethod(type, IsDelta: false));
            yield return ($"/envoy.service.{service}/Delta{suffix}", new DiscoveryMethod(type, IsDelta: true));
        }

        yield return ("/envoy.service.endpoint.v3.LocalityEndpointDiscoveryService/DeltaLocalityEndpoints", new DiscoveryMethod(ResourceType.LocalityEndpoints, IsDelta: true));
    }
}
