using Weft.Proxy.Tests.Bootstrap;
using Weft.Proxy.Tests.Tracing;

namespace Weft.Proxy.Tests.HttpFilters.Router;

/// <summary>What is told of attempts: upstream_log and track_cluster_stats, in a running server.</summary>
public sealed class AttemptReportsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("weft-test-");
    private readonly Echo _echo = new();

    private string LogPath => Path.Combine(_directory.FullName, "upstream.log");

    [Fact]
    public async Task Every_attempt_has_a_line_when_it_begins_and_when_it_ends()
    {
        using var server = Start();
        _echo.ClosesWithoutAnswer = true;
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.Listener()}/") };
        using (await client.GetAsync("a"))
        {
        }

        _echo.ClosesWithoutAnswer = false;
        using (await client.GetAsync("b"))
        {
        }

        string[] expected = ["UpstreamPoolReady 1 0 - /a", "UpstreamEnd 1 0 UC /a", "UpstreamPoolReady 2 0 - /a", "UpstreamEnd 2 0 UC /a", "UpstreamPoolReady 1 0 - /b", "UpstreamEnd 1 200 - /b"];
        await Collector.UntilAsync(() => File.Exists(LogPath) && File.ReadAllText(LogPath).Split('\n').Length > expected.Length);
        Assert.Equal(expected, File.ReadAllLines(LogPath));
    }

    [Fact]
    public async Task Sizes_and_used_parts_of_timeouts_are_recorded_when_that_is_configured()
    {
        using var server = Start();
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.Listener()}/") };
        using (await client.GetAsync("a"))
        {
        }

        var stats = "";
        for (var tries = 0; tries < 500 && !stats.Contains("upstream_rs_body_size: P0(", StringComparison.Ordinal); tries++)
            stats = await server.Admin!.GetStringAsync("stats?filter=cluster.echo.upstream_r[qs]_(headers|body|timeout)");
        foreach (var name in (string[])["rq_headers_size", "rq_headers_count", "rq_body_size", "rs_headers_size", "rs_headers_count", "rs_body_size", "rq_timeout_budget_percent_used", "rq_timeout_budget_per_try_percent_used"])
            Assert.Contains($"cluster.echo.upstream_{name}: P0(", stats, StringComparison.Ordinal);
        Assert.Contains("upstream_rq_body_size: P0(0,0)", stats, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Virtual_clusters_and_routes_with_a_prefix_count_their_requests()
    {
        using var server = Start();
        using var client = new HttpClient { BaseAddress = new Uri($"http://{server.Listener()}/") };
        foreach (var path in (string[])["orders/1", "orders/2", "else"])
        {
            using var answer = await client.GetAsync(path);
        }

        _echo.ClosesWithoutAnswer = true;
        using (await client.GetAsync("orders/3"))
        {
        }

        var stats = await server.Admin!.GetStringAsync("stats?usedonly&filter=^vhost");
        foreach (var expected in (string[])
        [
            "vcluster.orders.upstream_rq_200: 2", "vcluster.orders.upstream_rq_2xx: 2", "vcluster.orders.upstream_rq_503: 1", "vcluster.orders.upstream_rq_completed: 3",
            "vcluster.orders.upstream_rq_total: 4", "vcluster.orders.upstream_rq_retry: 1", "vcluster.orders.upstream_rq_retry_limit_exceeded: 1",
            "vcluster.other.upstream_rq_200: 1", "route.main.upstream_rq_completed: 4",
        ])
            Assert.Contains("vhost.all." + expected + "\n", stats, StringComparison.Ordinal);
        Assert.Contains("vhost.all.vcluster.other.upstream_rq_time: P0(", stats, StringComparison.Ordinal);
        var prometheus = await server.Admin!.GetStringAsync("stats/prometheus?usedonly&filter=^vhost");
        var line = prometheus.Split('\n').Single(line => line.StartsWith("envoy_vhost_vcluster_upstream_rq{", StringComparison.Ordinal) && line.Contains("\"200\"", StringComparison.Ordinal) && line.Contains("\"orders\"", StringComparison.Ordinal));
        Assert.EndsWith("} 2", line, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _echo.Dispose();
        _directory.Delete(recursive: true);
    }

    private RunningServer Start() => new($$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        stats_flush_on_admin: true
        static_resources:
          clusters:
          - name: echo
            track_cluster_stats: { timeout_budgets: true, request_response_sizes: true }
            load_assignment: { cluster_name: echo, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{_echo.Port}} } } } } ] } ] }
          listeners:
          - address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
                      upstream_log_options: { flush_upstream_log_on_upstream_stream: true }
                      upstream_log:
                      - name: file
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                          path: {{LogPath}}
                          log_format: { text_format_source: { inline_string: "%ACCESS_LOG_TYPE% %UPSTREAM_REQUEST_ATTEMPT_COUNT% %RESPONSE_CODE% %RESPONSE_FLAGS% %REQ(:path)%\n" } }
                  route_config:
                    virtual_hosts:
                    - { name: all, domains: ["*"], virtual_clusters: [ { name: orders, headers: [ { name: ":path", string_match: { prefix: /orders } } ] } ], routes: [ { stat_prefix: main, match: { prefix: / }, route: { cluster: echo, retry_policy: { retry_on: reset, num_retries: 1, retry_back_off: { base_interval: 0.001s } } } } ] }
        """);
}
