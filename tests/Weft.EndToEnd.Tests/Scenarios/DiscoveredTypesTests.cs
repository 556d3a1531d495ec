using System.Text.RegularExpressions;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>A proxy that gets runtime values, a filter's configuration, scopes of routes and clusters from <c>weft xds-server</c>, all on one incremental stream.</summary>
public sealed partial class DiscoveredTypesTests
{
    private const string Bootstrap = """
        node: { id: me, cluster: test }
        layered_runtime: { layers: [{ name: remote, rtds_layer: { name: runtime, rtds_config: { ads: {} } } }] }
        dynamic_resources:
          ads_config: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }
        static_resources:
          listeners:
          - name: upstream
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: upstream
                  route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: upstream } } }] }] }
                  http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  scoped_routes:
                    name: scopes
                    scope_key_builder: { fragments: [{ header_value_extractor: { name: x-team, index: 0 } }] }
                    rds_config_source: { ads: {} }
                    scoped_rds: { scoped_rds_config_source: { ads: {} } }
                  http_filters:
                  - name: chaos
                    config_discovery: { config_source: { ads: {} }, type_urls: [type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault] }
                  - name: on_demand
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand, odcds: { source: { ads: {} } } }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
          clusters:
          - name: management
            typed_extension_protocol_options:
              envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                explicit_http_config: { http2_protocol_options: {} }
            load_assignment: { cluster_name: management, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: PORT } } } }] }] }
        """;

    private const string Resources = """
        resources:
        - "@type": type.googleapis.com/envoy.service.runtime.v3.Runtime
          name: runtime
          layer: { fault: { http: { abort: { abort_percent: 0 } } } }
        - "@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
          name: chaos
          typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, abort: { http_status: 418, percentage: { numerator: 100 } } }
        - { "@type": type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration, name: a, route_configuration_name: routes, on_demand: true, key: { fragments: [{ string_key: a }] } }
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: routes
          virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: late } }] }]

        """;

    [Fact]
    public async Task Everything_is_there_when_the_first_request_needs_it_and_follows_the_files()
    {
        var folder = Directory.CreateTempSubdirectory("weft-types-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "types.yaml"), Resources);
        await using var server = ServerProcess.Start(WeftProcess.Binary, "xds-server", "--resources", folder, "--node-id", "me", "--address", "127.0.0.1", "--port", "0");
        await server.WaitForLog("management server listening on");
        await using var weft = await WeftProcess.StartAsync(Bootstrap.Replace("PORT", ListeningPort().Match(server.Log).Groups[1].Value, StringComparison.Ordinal));
        var web = new Uri($"http://127.0.0.1:{await weft.Port("web")}/");
        await File.WriteAllTextAsync(Path.Combine(folder, "clusters.yaml"), $$"""
            resources:
            - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
              name: late
              load_assignment: { cluster_name: late, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{await weft.Port("upstream")}} } } } }] }] }

            """);
        await Wait.Until(() => Task.FromResult(server.Log.Contains("serving CDS version 1", StringComparison.Ordinal)), "the cluster to be served", () => server.Log);

        // Scope, routes and cluster are asked for by this request, which waits for them; the runtime layer keeps the fault away.
        Assert.Equal("200 upstream", await Get(web, "a"));
        Assert.Equal("404 ", await Get(web, "b"));

        await File.WriteAllTextAsync(Path.Combine(folder, "types.yaml"), Resources.Replace("abort_percent: 0", "abort_percent: 100", StringComparison.Ordinal));
        await Wait.Until(async () => (await Get(web, "a")).StartsWith("418", StringComparison.Ordinal), "the changed runtime value", () => weft.Log + server.Log);

        var dump = await weft.GetAdmin("/config_dump");
        Assert.All(["EcdsConfigDump", "dynamic_scoped_route_configs", "dynamic_active_clusters", "dynamic_route_configs"], part => Assert.Contains(part, dump, StringComparison.Ordinal));
        await weft.ExpectStat("cluster_manager.odcds.update_success", 1);
    }

    [GeneratedRegex("listening on [^ ]*:(\\d+)")]
    private static partial Regex ListeningPort();

    private static async Task<string> Get(Uri address, string team)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("x-team", team);
        using var response = await client.SendAsync(request);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    }
}
