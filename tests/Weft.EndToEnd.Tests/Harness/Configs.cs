namespace Weft.EndToEnd.Tests.Harness;

/// <summary>The configurations that many tests share; each test adds what it is about.</summary>
internal static class Configs
{
    /// <summary>One HTTP listener <c>web</c> that routes everything to cluster <c>backend</c>.</summary>
    /// <param name="manager">More fields of the connection manager, YAML, indented by 10.</param>
    /// <param name="cluster">More fields of the cluster, YAML, indented by 4.</param>
    /// <param name="routes">Items of the one virtual host's routes, and more of its fields behind them, indented by 14.</param>
    /// <param name="listener">More fields of the listener, indented by 4.</param>
    /// <param name="filters">HTTP filters before the router, indented by 10.</param>
    /// <param name="clusters">More clusters, indented by 2.</param>
    public static string HttpProxy(
        int upstreamPort, string manager = "", string cluster = "", string routes = DefaultRoutes, string listener = "", string filters = "", string clusters = "") => $$"""
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
        {{listener}}
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
        {{manager}}
                  route_config:
                    name: local
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
        {{routes}}
                  http_filters:
        {{filters}}
                  - name: envoy.filters.http.router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
          clusters:
          - name: backend
            type: STATIC
            connect_timeout: 60s
        {{cluster}}
            load_assignment:
              cluster_name: backend
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{upstreamPort}} } } }
        {{clusters}}
        """;

    /// <summary>With more time than anything takes that is no fault.</summary>
    public const string DefaultRoutes = "              - { match: { prefix: / }, route: { cluster: backend, timeout: 120s } }";

    /// <summary>One TCP listener <c>web</c> that carries everything to cluster <c>backend</c>.</summary>
    /// <param name="proxy">More fields of the TcpProxy, in flow style, each behind a comma.</param>
    /// <param name="cluster">More fields of the cluster, YAML, indented by 4.</param>
    /// <param name="filters">Network filters before the TcpProxy, indented by 6.</param>
    /// <param name="clusters">More clusters, indented by 2.</param>
    public static string TcpProxy(int upstreamPort, string proxy = "", string cluster = "", string filters = "", string clusters = "") => $$"""
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
        {{filters}}
              - name: envoy.filters.network.tcp_proxy
                typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: web, cluster: backend{{proxy}} }
          clusters:
          - name: backend
        {{cluster}}
            load_assignment:
              cluster_name: backend
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{upstreamPort}} } } }
        {{clusters}}
        """;

    /// <summary>A further cluster of one endpoint on this host.</summary>
    /// <param name="more">More fields of it, indented by 4.</param>
    public static string Cluster(string name, int port, string more = "") => $$"""
          - name: {{name}}
            connect_timeout: 60s
        {{more}}
            load_assignment: { cluster_name: {{name}}, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }] }
        """;

    /// <summary>Fields of a cluster that is spoken to in HTTP/2, such as a service of gRPC.</summary>
    public const string Http2Cluster = """
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
        """;
}
