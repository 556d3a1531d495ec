using System.Globalization;
using System.Text;

namespace Weft.Bench.Xds;

/// <summary>What the management server serves: clusters with two endpoints each, a listener, and a route to every cluster.</summary>
internal static class Resources
{
    /// <summary>A file in the form of a DiscoveryResponse.</summary>
    /// <param name="clusters">How many.</param>
    /// <param name="change">Makes the endpoints of one cluster others than before.</param>
    public static string File(int clusters, int change)
    {
        var text = new StringBuilder("{ \"version_info\": \"1\", \"resources\": [\n");
        for (var i = 0; i < clusters; i++)
            text.Append(Cluster(i)).Append(Endpoints(i, Address(i), 8080, i == 0 ? 9000 + change : 8081));
        return text.Append(Routes(clusters)).Append(Listener).Append("\n] }").ToString();
    }

    /// <summary>One cluster, found by ADS.</summary>
    public static string Cluster(int cluster) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{ \"@type\": \"type.googleapis.com/envoy.config.cluster.v3.Cluster\", \"name\": \"{Name(cluster)}\", \"type\": \"EDS\", \"connect_timeout\": \"5s\", \"eds_cluster_config\": {{ \"eds_config\": {{ \"ads\": {{}}, \"resource_api_version\": \"V3\" }} }} }},\n");

    /// <summary>Its endpoints.</summary>
    public static string Endpoints(int cluster, string address, params ReadOnlySpan<int> ports)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{ \"@type\": \"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment\", \"cluster_name\": \"{Name(cluster)}\", \"endpoints\": [{{ \"lb_endpoints\": [");
        foreach (var port in ports)
            text.Append(CultureInfo.InvariantCulture, $"{(port == ports[0] ? "" : ", ")}{{ \"endpoint\": {{ \"address\": {{ \"socket_address\": {{ \"address\": \"{address}\", \"port_value\": {port} }} }} }} }}");
        return text.Append("] }] },\n").ToString();
    }

    /// <summary>A virtual host with a route for each cluster.</summary>
    public static string Routes(int clusters)
    {
        var text = new StringBuilder("{ \"@type\": \"type.googleapis.com/envoy.config.route.v3.RouteConfiguration\", \"name\": \"routes\", ");
        text.Append("\"virtual_hosts\": [");
        for (var i = 0; i < clusters; i++)
            text.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "" : ",\n")}{{ \"name\": \"{Name(i)}\", \"domains\": [\"{Name(i)}\"], \"routes\": [{{ \"match\": {{ \"prefix\": \"/\" }}, \"route\": {{ \"cluster\": \"{Name(i)}\" }} }}] }}");
        return text.Append("] },\n").ToString();
    }

    /// <summary>An address of its own for each cluster.</summary>
    public static string Address(int cluster) => string.Create(CultureInfo.InvariantCulture, $"10.{(cluster >> 16) & 255}.{(cluster >> 8) & 255}.{cluster & 255}");

    /// <summary>The bootstrap of a proxy that gets everything by delta ADS.</summary>
    public static string Bootstrap(int port) => $$"""
        node: { id: bench, cluster: bench }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        dynamic_resources:
          ads_config: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: xds } }] }
          cds_config: { ads: {}, resource_api_version: V3 }
          lds_config: { ads: {}, resource_api_version: V3 }
        static_resources:
          clusters:
          - name: xds
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment: { cluster_name: xds, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }] }
        """;

    /// <summary>A listener with those routes.</summary>
    public const string Listener = """
        { "@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": "web", "address": { "socket_address": { "address": "127.0.0.1", "port_value": 0 } },
          "filter_chains": [{ "filters": [{ "name": "http", "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "stat_prefix": "web",
            "rds": { "route_config_name": "routes", "config_source": { "ads": {}, "resource_api_version": "V3" } },
            "http_filters": [{ "name": "router", "typed_config": { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" } }] } }] }] }
        """;

    /// <summary>Of a cluster, and of the virtual host with its route.</summary>
    public static string Name(int cluster) => string.Create(CultureInfo.InvariantCulture, $"cluster-{cluster}.default.svc");
}
