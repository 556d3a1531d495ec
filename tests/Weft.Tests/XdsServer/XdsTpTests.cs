using System.Text.Json;

namespace Weft.Tests.XdsServer;

/// <summary>Resources with xdstp names: single ones, which come from the authority that they name, and collections.</summary>
public sealed class XdsTpTests : IDisposable
{
    private const string Endpoints = "xdstp://shop/envoy.config.endpoint.v3.ClusterLoadAssignment/web";
    private const string Clusters = "xdstp://shop/envoy.config.cluster.v3.Cluster";
    private const string Scopes = "xdstp://shop/envoy.config.route.v3.ScopedRouteConfiguration";
    private const string Listeners = "xdstp://shop/envoy.config.listener.v3.Listener";

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Theory]
    [InlineData("config_sources", "authorities: [{ name: else }, { name: shop }], ", "AGGREGATED_DELTA_GRPC")]
    [InlineData("config_sources", "authorities: [{ name: shop }], ", "AGGREGATED_GRPC")]
    [InlineData("default_config_source", "", "AGGREGATED_DELTA_GRPC")]
    public async Task Endpoints_and_routes_come_from_the_authority_in_their_name(string field, string authorities, string apiType)
    {
        _proxy.Serve(Assignment(1) + Routes(201));
        var source = $"{{ {authorities}api_config_source: {{ api_type: {apiType}, transport_api_version: V3, grpc_services: [{{ envoy_grpc: {{ cluster_name: management }} }}] }} }}";
        await _proxy.Start($$"""
            {{field}}: {{(authorities.Length > 0 ? $"[{source}]" : source)}}
            static_resources:
              listeners:
              - name: web
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains: [{ filters: [{{Manager("xdstp://shop/envoy.config.route.v3.RouteConfiguration/web", "ads: {}")}}] }]
              clusters:
              - { name: web, type: EDS, eds_cluster_config: { service_name: "{{Endpoints}}" } }
            """);
        Assert.Equal("201", await _proxy.Get("web"));
        Assert.Contains("web::127.0.0.1:1::", await _proxy.Admin("clusters"), StringComparison.Ordinal);
        _proxy.Serve(Assignment(2) + Routes(202));
        await ManagedProxy.Until(async () => (await _proxy.Admin("clusters")).Contains("web::127.0.0.1:2::", StringComparison.Ordinal), "the other endpoint");
        await ManagedProxy.Until(async () => await _proxy.Get("web") == "202", "the other route");
    }

    [Fact]
    public async Task Without_such_an_authority_the_source_of_the_cluster_is_asked()
    {
        _proxy.Serve(Assignment(1));
        await _proxy.Start($$"""
            static_resources:
              clusters:
              - { name: web, type: EDS, eds_cluster_config: { service_name: "{{Endpoints}}", eds_config: { {{ManagedProxy.Grpc(isDelta: true)}} } } }
            """);
        Assert.Contains("web::127.0.0.1:1::", await _proxy.Admin("clusters"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clusters_and_listeners_of_collections_come_change_and_go(bool isDelta)
    {
        _proxy.Serve(Cluster("web/one?xds.node.cluster=test") + Cluster("web/two?xds.node.cluster=test") + Cluster("web/three") + Listener("web/l?xds.node.cluster=test", 201));
        await _proxy.Start($$"""
            node_context_params: [cluster]
            dynamic_resources:
              ads_config: { api_type: {{(isDelta ? "DELTA_GRPC" : "GRPC")}}, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }
              cds_config: { ads: {} }
              cds_resources_locator: {{Clusters}}/web/*
              lds_config: { ads: {} }
              lds_resources_locator: {{Listeners}}/web/*
            static_resources:
              clusters:
            """);
        Assert.Equal([$"{Clusters}/web/one?xds.node.cluster=test", $"{Clusters}/web/two?xds.node.cluster=test"], await ClusterNames());
        Assert.Equal("201", await _proxy.Get($"{Listeners}/web/l?xds.node.cluster=test"));
        await _proxy.ExpectStat("cluster_manager.cds.config_reload", 1);

        _proxy.Serve(Cluster("web/one?xds.node.cluster=test") + Listener("web/m?xds.node.cluster=test", 202));
        await ManagedProxy.Until(async () => (await ClusterNames()).Length == 1, "one cluster less");
        await ManagedProxy.Until(async () => (await _proxy.Dump("dynamic_listeners")).Select(one => one.GetProperty("name").GetString()).SequenceEqual([$"{Listeners}/web/m?xds.node.cluster=test"]), "the other listener");
    }

    [Theory]
    [InlineData("ads: {}", true)]
    [InlineData("ads: {}", false)]
    [InlineData("", true)]
    public async Task Scopes_of_a_collection_come_change_and_go(string source, bool isDelta)
    {
        _proxy.Serve(Scope("web/one?b=2&a=1", "red", 201) + Scope("web/two?a=1&b=2", "blue", 202) + Scope("web/three", "green", 203) + Scope("else/one?a=1&b=2", "gray", 204));
        await _proxy.Start($$"""
            dynamic_resources:
              ads_config: { api_type: {{(isDelta ? "DELTA_GRPC" : "GRPC")}}, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }
            static_resources:
              listeners:
              - name: web
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: web
                      scoped_routes:
                        name: scopes
                        scope_key_builder: { fragments: [{ header_value_extractor: { name: x-scope, index: 0 } }] }
                        scoped_rds: { scoped_rds_config_source: { {{(source.Length > 0 ? source : ManagedProxy.Grpc(isDelta))}} }, srds_resources_locator: "{{Scopes}}/web/*?a=1&b=2" }
                      http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
              clusters:
            """);
        Assert.Equal(("201", "202", "404", "404"), (await Get("red"), await Get("blue"), await Get("green"), await Get("gray")));
        await _proxy.ExpectStat("http.web.scoped_rds.scopes.all_scopes", 2);

        _proxy.Serve(Scope("web/one?b=2&a=1", "red", 205));
        await ManagedProxy.Until(async () => (await Get("red"), await Get("blue")) == ("205", "404"), "the changed scope without the other");

        Task<string> Get(string scope) => _proxy.Get("web", "/", ("x-scope", scope));
    }

    private static string Scope(string id, string key, int status) => $$"""
        - "@type": type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration
          name: "{{Scopes}}/{{id}}"
          key: { fragments: [{ string_key: {{key}} }] }
          route_configuration: { name: {{key}}, virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: {{status}} } }] }] }

        """;

    private static string Assignment(int port) => $$"""
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: "{{Endpoints}}"
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }]

        """;

    private static string Routes(int status) => $$"""
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: xdstp://shop/envoy.config.route.v3.RouteConfiguration/web
          virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: {{status}} } }] }]

        """;

    private static string Cluster(string id) => $$"""
        - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
          name: "{{Clusters}}/{{id}}"

        """;

    private static string Listener(string id, int status) => $$"""
        - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
          name: "{{Listeners}}/{{id}}"
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: http
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: web
                route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: {{status}} } }] }] }
                http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]

        """;

    private static string Manager(string routes, string source) => $$"""
        { name: http, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, stat_prefix: web, rds: { route_config_name: "{{routes}}", config_source: { {{source}} } }, http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }] } }
        """;

    private async Task<string[]> ClusterNames() =>
        [.. (await _proxy.Dump("dynamic_active_clusters")).Select(static (JsonElement one) => one.GetProperty("cluster").GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];
}
