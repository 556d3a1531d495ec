using System.Globalization;

namespace Weft.Bench.Peers;

/// <summary>What ./bench --cost adds to Weft's configuration: pieces of YAML for the marks in benchmarks/configs/weft.yaml.</summary>
/// <param name="Top">Of the bootstrap.</param>
/// <param name="Manager">Of the connection managers.</param>
/// <param name="Cluster">Of the cluster that requests go to.</param>
/// <param name="Clusters">More clusters.</param>
internal sealed record WeftExtras(string Top = "", string Manager = "", string Cluster = "", string Clusters = "")
{
    private const string JsonLog = """
                  access_log:
                  - name: envoy.access_loggers.file
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                      path: @RUN@/access.log
                      log_format:
                        json_format:
                          start_time: "%START_TIME%"
                          method: "%REQ(:METHOD)%"
                          path: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"
                          protocol: "%PROTOCOL%"
                          response_code: "%RESPONSE_CODE%"
                          response_flags: "%RESPONSE_FLAGS%"
                          response_code_details: "%RESPONSE_CODE_DETAILS%"
                          bytes_received: "%BYTES_RECEIVED%"
                          bytes_sent: "%BYTES_SENT%"
                          duration: "%DURATION%"
                          upstream_service_time: "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"
                          x_forwarded_for: "%REQ(X-FORWARDED-FOR)%"
                          user_agent: "%REQ(USER-AGENT)%"
                          request_id: "%REQ(X-REQUEST-ID)%"
                          authority: "%REQ(:AUTHORITY)%"
                          upstream_host: "%UPSTREAM_HOST%"
                          upstream_cluster: "%UPSTREAM_CLUSTER%"
                          downstream_remote_address: "%DOWNSTREAM_REMOTE_ADDRESS%"
                          route_name: "%ROUTE_NAME%"
        """;

    private const string Tracing = """
                  tracing:
                    random_sampling: { value: 1 }
                    provider:
                      name: envoy.tracers.zipkin
                      typed_config:
                        "@type": type.googleapis.com/envoy.config.trace.v3.ZipkinConfig
                        collector_cluster: collector
                        collector_endpoint: /api/v2/spans
                        collector_endpoint_version: HTTP_JSON
        """;

    private const string Collector = """
          - name: collector
            type: STATIC
            connect_timeout: 1s
            load_assignment:
              cluster_name: collector
              endpoints:
              - lb_endpoints:
                - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: @COLLECTOR@ } } }
        """;

    /// <summary>The configuration as it is.</summary>
    public static WeftExtras None { get; } = new();

    /// <summary>No statistics at all.</summary>
    public static WeftExtras Bare { get; } = new(Top: "stats_config: { stats_matcher: { reject_all: true } }");

    /// <summary>All statistics that can be had, and a JSON access log.</summary>
    public static WeftExtras Log { get; } = new(Manager: JsonLog, Cluster: "    track_cluster_stats: { timeout_budgets: true, request_response_sizes: true }");

    /// <summary>No statistics, and one request in a hundred traced.</summary>
    public static WeftExtras Trace { get; } = Bare with { Manager = Tracing, Clusters = Collector };

    /// <param name="template">benchmarks/configs/weft.yaml, its other marks filled in.</param>
    /// <param name="folder">For its files.</param>
    /// <param name="collectorPort">Takes traces.</param>
    public string Fill(string template, string folder, int collectorPort) => template
        .Replace("@TOP@", Top, StringComparison.Ordinal)
        .Replace("@MANAGER@", Manager, StringComparison.Ordinal)
        .Replace("@CLUSTER@", Cluster, StringComparison.Ordinal)
        .Replace("@CLUSTERS@", Clusters, StringComparison.Ordinal)
        .Replace("@RUN@", folder, StringComparison.Ordinal)
        .Replace("@COLLECTOR@", collectorPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
