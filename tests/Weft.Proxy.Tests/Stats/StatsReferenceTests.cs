using System.Runtime.CompilerServices;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.Stats;

/// <summary>docs/reference/stats.md is what a proxy has that configures everything that counts; configured names are in capitals in it.</summary>
public sealed class StatsReferenceTests
{
    private const string Header = """
        # Statistics

        Generated from a running proxy; write it anew with `WEFT_UPDATE_REFERENCE=1` and the tests of `Weft.Proxy`. Names, kinds and meanings are
        Envoy's; `NAME` is a cluster's `alt_stat_name` or name, `PREFIX` a `stat_prefix` (for listeners without one, the address), `HOST` a virtual
        host, `N` a worker.

        Responses are counted by status, once there was one: `upstream_rq_NNN`, `upstream_rq_1xx` to `upstream_rq_5xx` and `upstream_rq_unknown` under
        `cluster.NAME.`, `cluster.NAME.internal.`, `external.`, `canary.` and `retry.`, and under `vhost.HOST.vcluster.NAME.` and
        `vhost.HOST.route.PREFIX.`, and under `cluster.NAME.zone.FROM.TO.` where both zones are known; the times `upstream_rq_time` beside them (but for `retry.`).

        Names that no statistic has yet are never made by a request: there are as many as configuration asks for. The calling clusters that a fault filter
        counts are the exception: beyond 1,000 of them `downstream_clusters_dropped` counts the requests.

        """;

    private static string Page([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/reference/stats.md");

    [Fact]
    public async Task The_reference_page_is_what_a_running_proxy_has()
    {
        using var server = new RunningServer(Bootstrap);
        var names = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (type, kind) in ((string, string)[])[("Counters", "counter"), ("Gauges", "gauge"), ("Histograms", "histogram"), ("TextReadouts", "text")])
        {
            var text = await server.Admin!.GetStringAsync($"stats?type={type}");
            foreach (var line in text.Split('\n').Where(line => line.Contains(": ", StringComparison.Ordinal)))
                Add(line[..line.IndexOf(": ", StringComparison.Ordinal)], kind, names);
        }

        var page = new StringBuilder(Header);
        var group = "";
        foreach (var (name, kind) in names)
        {
            var first = name.Split('.')[0];
            if (first != group)
                page.Append("\n## ").Append(group = first).Append("\n\n");
            page.Append("- `").Append(name).Append("` ").Append(kind).Append('\n');
        }

        if (Environment.GetEnvironmentVariable("WEFT_UPDATE_REFERENCE") == "1")
            await File.WriteAllTextAsync(Page(), page.ToString());
        Assert.True(File.Exists(Page()) && await File.ReadAllTextAsync(Page()) == page.ToString(),
            "docs/reference/stats.md is stale: run this test with WEFT_UPDATE_REFERENCE=1");
    }

    private static void Add(string name, string kind, SortedDictionary<string, string> names)
    {
        // The admin interface's own listener and connection manager have what others have; what a request has counted by status depends on it.
        if (name.StartsWith("http.admin.", StringComparison.Ordinal) || name.StartsWith("listener.admin.", StringComparison.Ordinal) || IsByStatus(name))
            return;
        names[name.Replace("worker_0", "worker_N", StringComparison.Ordinal)] = kind;
    }

    private static bool IsByStatus(string name) => System.Text.RegularExpressions.Regex.IsMatch(name, "upstream_rq_([1-5]xx|[0-9]{3}|unknown)$");

    private const string Bootstrap = """
        node: { id: a, cluster: b }
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        layered_runtime: { layers: [ { name: admin, admin_layer: {} } ] }
        stats_sinks:
        - { name: statsd, typed_config: { "@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, tcp_cluster_name: NAME } }
        static_resources:
          clusters:
          - name: NAME
            track_cluster_stats: { timeout_budgets: true, request_response_sizes: true }
            circuit_breakers: { thresholds: [ { track_remaining: true }, { priority: HIGH, track_remaining: true } ] }
            outlier_detection: {}
            health_checks: [ { timeout: 1s, interval: 1000s, healthy_threshold: 1, unhealthy_threshold: 1, tcp_health_check: {} } ]
            http2_protocol_options: {}
            load_assignment: { cluster_name: NAME, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } } ] } ] }
          listeners:
          - name: http
            stat_prefix: PREFIX
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: PREFIX
                  tracing: { provider: { name: zipkin, typed_config: { "@type": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_cluster: NAME, collector_endpoint: /, collector_endpoint_version: HTTP_JSON } } }
                  http_filters:
                  - { name: fault, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault } }
                  - { name: cors, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors } }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
                  route_config:
                    virtual_hosts:
                    - name: HOST
                      domains: ["*"]
                      virtual_clusters: [ { name: NAME, headers: [ { name: a } ] } ]
                      routes: [ { stat_prefix: PREFIX, match: { prefix: / }, route: { cluster: NAME } } ]
          - name: second
            stat_prefix: PREFIX
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: PREFIX
                  tracing: { provider: { name: otel, typed_config: { "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, http_service: { http_uri: { uri: "http://a/", cluster: NAME, timeout: 1s } } } } }
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
                  route_config: { virtual_hosts: [ { name: HOST, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: NAME } } ] } ] }
          - name: datadog
            stat_prefix: PREFIX
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: PREFIX
                  tracing: { provider: { name: datadog, typed_config: { "@type": type.googleapis.com/envoy.config.trace.v3.DatadogConfig, collector_cluster: NAME, service_name: a } } }
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
                  route_config: { virtual_hosts: [ { name: HOST, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: NAME } } ] } ] }
          - name: skywalking
            stat_prefix: PREFIX
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: PREFIX
                  tracing: { provider: { name: skywalking, typed_config: { "@type": type.googleapis.com/envoy.config.trace.v3.SkyWalkingConfig, grpc_service: { envoy_grpc: { cluster_name: NAME } } } } }
                  http_filters: [ { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } } ]
                  route_config: { virtual_hosts: [ { name: HOST, domains: ["*"], routes: [ { match: { prefix: / }, route: { cluster: NAME } } ] } ] }
          - name: tcp
            stat_prefix: PREFIX
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            listener_filters:
            - { name: tls, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector } }
            - { name: http, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector } }
            - { name: proxy, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol } }
            - { name: rate, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit, stat_prefix: PREFIX, token_bucket: { max_tokens: 1, fill_interval: 1s } } }
            filter_chains:
            - filters:
              - { name: rbac, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC, stat_prefix: PREFIX } }
              - { name: limit, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit, stat_prefix: PREFIX, max_connections: 1 } }
              - { name: rate, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit, stat_prefix: PREFIX, token_bucket: { max_tokens: 1, fill_interval: 1s } } }
              - { name: authz, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz, stat_prefix: PREFIX, transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: NAME } } } }
              - { name: tcp, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: PREFIX, cluster: NAME } }
        """;
}
