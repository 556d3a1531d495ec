using Weft.Xds;

namespace Weft.Proxy.XdsClient.Grpc;

/// <summary>The methods of the discovery services.</summary>
internal static class DiscoveryMethods
{
    /// <summary>gRPC: of ADS, or of one type.</summary>
    public static string Grpc(ResourceType? type, bool isDelta) => type is null
        ? "/envoy.service.discovery.v3.AggregatedDiscoveryService/" + (isDelta ? "DeltaAggregatedResources" : "StreamAggregatedResources")
        : $"/envoy.service.{Service(type)}/{(isDelta ? "Delta" : "Stream")}{Plural(type)}";

    /// <summary>REST: the path to poll; null when the type is not served so.</summary>
    public static string? Rest(ResourceType type) => type.ShortName switch
    {
        "CDS" => "/v3/discovery:clusters",
        "EDS" => "/v3/discovery:endpoints",
        "LDS" => "/v3/discovery:listeners",
        "RDS" => "/v3/discovery:routes",
        "SDS" => "/v3/discovery:secrets",
        "RTDS" => "/v3/discovery:runtime",
        "SRDS" => "/v3/discovery:scoped-routes",
        "ECDS" => "/v3/discovery:extension_configs",
        _ => null,
    };

    private static string Service(ResourceType type) => type.ShortName switch
    {
        "CDS" => "cluster.v3.ClusterDiscoveryService",
        "EDS" => "endpoint.v3.EndpointDiscoveryService",
        "LEDS" => "endpoint.v3.LocalityEndpointDiscoveryService",
        "LDS" => "listener.v3.ListenerDiscoveryService",
        "RDS" => "route.v3.RouteDiscoveryService",
        "SRDS" => "route.v3.ScopedRoutesDiscoveryService",
        "VHDS" => "route.v3.VirtualHostDiscoveryService",
        "SDS" => "secret.v3.SecretDiscoveryService",
        "RTDS" => "runtime.v3.RuntimeDiscoveryService",
        _ => "extension.v3.ExtensionConfigDiscoveryService",
    };

    private static string Plural(ResourceType type) => type.ShortName switch
    {
        "CDS" => "Clusters",
        "EDS" => "Endpoints",
        "LEDS" => "LocalityEndpoints",
        "LDS" => "Listeners",
        "RDS" => "Routes",
        "SRDS" => "ScopedRoutes",
        "VHDS" => "VirtualHosts",
        "SDS" => "Secrets",
        "RTDS" => "Runtime",
        _ => "ExtensionConfigs",
    };
}
