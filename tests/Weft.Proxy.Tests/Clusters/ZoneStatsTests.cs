using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.Tracing;

namespace Weft.Proxy.Tests.Clusters;

public sealed class ZoneStatsTests
{
    [Theory]
    [InlineData("locality: { zone: here }", "cluster.echo.zone.here.there.upstream_rq_200: 2")]
    [InlineData("cluster: c", null)]
    public async Task Responses_are_counted_by_the_zones_they_went_between(string node, string? expected)
    {
        using var echo = new Echo();
        using var server = new RunningServer($$"""
            node: { id: a, {{node}} }
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
            static_resources:
              clusters:
              - name: echo
                load_assignment: { cluster_name: echo, endpoints: [ { locality: { zone: there }, lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{echo.Port}} } } } } ] } ] }
              listeners:
              - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: web
                      http_filters: [ { name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
                      route_config: { virtual_hosts: [ { name: all, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: echo } } ] } ] }
            """);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.Listener()}/") };
        for (var i = 0; i < 2; i++)
        {
            using var answer = await client.GetAsync("a");
            Assert.True(answer.IsSuccessStatusCode);
        }

        // What a request counts at its end may come behind its answer.
        var stats = "";
        for (var tries = 0; tries < 500 && !stats.Contains("cluster.echo.upstream_rq_200: 2", StringComparison.Ordinal); tries++)
            stats = await server.Admin!.GetStringAsync("stats?filter=cluster.echo");
        if (expected is null)
            Assert.DoesNotContain(".zone.", stats, StringComparison.Ordinal);
        else
            Assert.Contains(expected, stats, StringComparison.Ordinal);
    }
}
