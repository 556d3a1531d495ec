using System.Net;
using System.Text;
using Weft.EndToEnd.Tests.Harness;
using static Weft.EndToEnd.Tests.Xds.ManagementServer;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>A proxy that gets everything from a management server by ADS, and the resources of a small site in the form that server takes.</summary>
internal static class DiscoveredSite
{
    public static string Bootstrap(int managementPort, bool isDelta = false, string more = "") => $$"""
        node: { id: me, cluster: test }
        dynamic_resources:
          ads_config: { api_type: {{(isDelta ? "DELTA_GRPC" : "GRPC")}}, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: xds, retry_policy: { retry_back_off: { base_interval: 0.05s, max_interval: 0.1s } } } }] }
          cds_config: { ads: {}, resource_api_version: V3{{more}} }
          lds_config: { ads: {}, resource_api_version: V3{{more}} }
        static_resources:
          clusters:
          - name: xds
            connect_timeout: 60s
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment: { cluster_name: xds, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{managementPort}} } } } }] }] }
        """;

    /// <param name="more">More fields, each behind a comma.</param>
    public static string Cluster(string name, int connectSeconds = 5, string more = "") => $$"""
        { "name": "{{name}}", "type": "EDS"{{more}}, "connect_timeout": { "seconds": {{connectSeconds}} }, "eds_cluster_config": { "eds_config": { "ads": {}, "resource_api_version": "V3" } } }
        """;

    public static string Endpoints(string cluster, params int[] ports)
    {
        var endpoints = ports.Select(port => $$"""{ "endpoint": { "address": { "socket_address": { "address": "127.0.0.1", "port_value": {{port}} } } } }""");
        return $$"""{ "cluster_name": "{{cluster}}", "endpoints": [{ "locality": { "zone": "a" }, "load_balancing_weight": { "value": 1 }, "lb_endpoints": [{{string.Join(", ", endpoints)}}] }] }""";
    }

    public static string Listener(int port = 0, string statPrefix = "web", string name = "web") => $$"""
        { "name": "{{name}}", "address": { "socket_address": { "address": "127.0.0.1", "port_value": {{port}} } }, "filter_chains": [{ "filters": [{ "name": "http", "typed_config": {
          "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "{{statPrefix}}",
          "rds": { "route_config_name": "routes", "config_source": { "ads": {}, "resource_api_version": "V3" } },
          "http_filters": [{ "name": "router", "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" } }] } }] }] }
        """;

    public static string Routes(params string[] clusters)
    {
        var weighted = clusters.Select(cluster => $$"""{ "name": "{{cluster}}", "weight": { "value": 1 } }""");
        return $$"""{ "name": "routes", "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": [{ "match": { "prefix": "/" }, "route": { "weighted_clusters": { "clusters": [{{string.Join(", ", weighted)}}] } } }] }] }""";
    }

    /// <summary>One cluster <c>one</c> with these endpoints, a listener and its routes. Returns the version.</summary>
    public static string SetAll(this ManagementServer server, params int[] ports) => server.Set(
        (ManagementServer.Clusters, [Cluster("one")]),
        (ManagementServer.Endpoints, [Endpoints("one", ports)]),
        (Listeners, [Listener()]),
        (ManagementServer.Routes, [Routes("one")]));

    /// <summary>The status and body of one request on a connection of its own.</summary>
    public static async Task<(HttpStatusCode Status, string Body)> Get(this WeftProcess weft)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/"));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
