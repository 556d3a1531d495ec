using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Observe;

/// <summary>What a proxy reports by gRPC arrives: OpenTelemetry's spans and the access log service.</summary>
public sealed class ProxyReportsTests
{
    private const string Reports = """
                  tracing:
                    provider:
                      name: envoy.tracers.opentelemetry
                      typed_config:
                        "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                        grpc_service: { envoy_grpc: { cluster_name: observe } }
                        service_name: front
                  access_log:
                  - name: envoy.access_loggers.http_grpc
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig
                      common_config: { log_name: web, transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: observe } } }
        """;

    [Fact]
    public async Task Spans_by_OpenTelemetry_and_access_logs_arrive_and_become_rows_of_routes()
    {
        await using var observe = await ObserveProcess.StartAsync();
        using var upstream = new ScriptedUpstream(ScriptedUpstream.AnswerOkAsync);
        var yaml = Configs.HttpProxy(upstream.Port, manager: Reports, routes: "              - { name: cart, match: { prefix: / }, route: { cluster: backend } }", clusters: Configs.Cluster("observe", observe.GrpcPort, Configs.Http2Cluster));
        await using var weft = await WeftProcess.StartAsync("node: { id: front-1, cluster: front }\n" + yaml);
        await weft.Http.GetStringAsync(new Uri($"http://127.0.0.1:{await weft.Port("web")}/cart"));

        JsonElement traces = default;
        JsonElement lines = default;
        await Wait.Until(
            async () =>
            {
                (traces, lines) = (await observe.Get("/api/v2/traces?serviceName=front"), await observe.Get("/api/observe/logs?q=/cart"));
                return traces.GetArrayLength() == 1 && lines.GetArrayLength() == 1;
            },
            "a trace and a line",
            () => weft.Log + observe.Log);
        Assert.Equal(32, traces[0][0].GetProperty("traceId").GetString()!.Length);
        Assert.Equal("front-1/web", lines[0].GetProperty("source").GetString());
        var rows = (await observe.Get("/api/observe/traffic")).EnumerateArray().Select(row => $"{row.GetProperty("kind").GetString()} {row.GetProperty("name").GetString()}");
        Assert.Contains("route cart", rows);
    }
}
