namespace Weft.Proxy.Tests.XdsClient;

/// <summary>Resources as files have them, and a bootstrap around some.</summary>
internal static class DiscoveredYaml
{
    /// <summary>Routes of a connection manager, to a cluster CLUSTER.</summary>
    public const string Inline = "route_config: { name: inline, virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: CLUSTER } }] }] }";

    private const string Listener = """
        - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
          name: NAME
          address: { socket_address: { address: 127.0.0.1, port_value: PORT } }
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: NAME
                ROUTES
                http_filters: [{ name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
        """;

    public static string Resources(params string[] resources) => "version_info: '1'\nresources:" + (resources.Length == 0 ? " []" : "\n" + string.Concat(resources));

    public static string Endpoints(string cluster, params int[] ports) => Resources($$"""
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: {{cluster}}
          endpoints: [{ lb_endpoints: [{{string.Join(", ", ports.Select(port => $"{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}"))}}] }]

        """);

    public static string StaticCluster(string name, int port, bool isResource = true) => $$"""
        - {{(isResource ? "'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster\n  " : "")}}name: {{name}}
          load_assignment: { cluster_name: {{name}}, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }] }

        """;

    public static string Eds(string name) => $$"""
        - name: {{name}}
          type: EDS
          eds_cluster_config: { eds_config: { path_config_source: { path: FOLDER/eds.yaml } } }

        """;

    public static string Routes(string cluster) => Resources($$"""
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: routes
          virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: {{cluster}} } }] }]

        """);

    /// <param name="routes">Its field for routes.</param>
    public static string ListenerOf(string name, string routes, string port = "0") =>
        Listener.Replace("NAME", name, StringComparison.Ordinal).Replace("ROUTES", routes, StringComparison.Ordinal).Replace("PORT", port, StringComparison.Ordinal) + "\n";

    /// <summary>A listener of the bootstrap.</summary>
    public static string StaticListener(string name, string routes) =>
        ListenerOf(name, routes).Replace("\"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n  name", "name", StringComparison.Ordinal);

    /// <summary>A bootstrap with clusters and one listener, which takes everything to cluster web.</summary>
    public static string StaticWith(string clusters) => "static_resources:\n  clusters:\n" + Indented(clusters) + "  listeners:\n"
        + Indented(StaticListener("web", Inline.Replace("CLUSTER", "web", StringComparison.Ordinal)));

    /// <summary>Two columns to the right.</summary>
    public static string Indented(string text) => string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => "  " + line + "\n"));
}
