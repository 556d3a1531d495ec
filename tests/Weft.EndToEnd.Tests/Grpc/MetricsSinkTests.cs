using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Grpc;

/// <summary>Statistics to services on grpc-js.</summary>
public sealed class MetricsSinkTests(GrpcPeers peers) : IClassFixture<GrpcPeers>
{
    [GrpcFact]
    public async Task A_metrics_service_and_an_OpenTelemetry_collector_get_every_flush()
    {
        using var collector = await peers.StartCollectorAsync();
        await using var weft = await WeftProcess.StartAsync($$"""
            node: { id: one, cluster: front }
            stats_flush_interval: 0.2s
            stats_sinks:
            - name: envoy.stat_sinks.metrics_service
              typed_config:
                "@type": type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig
                transport_api_version: V3
                emit_tags_as_labels: true
                grpc_service: { envoy_grpc: { cluster_name: collector } }
            - name: envoy.stat_sinks.open_telemetry
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig
                prefix: weft
                resource_detectors:
                - name: static
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.tracers.opentelemetry.resource_detectors.v3.StaticConfigResourceDetectorConfig
                    attributes: { service.name: shop }
                grpc_service: { envoy_grpc: { cluster_name: collector } }
            static_resources:
              clusters:
            {{Configs.Cluster("collector", collector.Port, Configs.Http2Cluster)}}
            """);

        await Wait.Until(() => Task.FromResult(peers.Received("stream").Count > 2 && peers.Received("metrics").Count > 1), "two flushes");
        var first = peers.Received("stream")[0];
        Assert.Contains("one", first, StringComparison.Ordinal);
        Assert.Contains(peers.Received("stream"), message => message.Contains("cluster.membership_total", StringComparison.Ordinal) && message.Contains("envoy.cluster_name", StringComparison.Ordinal));
        Assert.Contains(peers.Received("metrics"), message => message.Contains("weft.cluster.membership_total", StringComparison.Ordinal));
        Assert.All(peers.Received("metrics"), static message => Assert.Contains("shop", message, StringComparison.Ordinal));
        Assert.All(peers.Received("metrics"), static message => Assert.Contains("telemetry.sdk.name", message, StringComparison.Ordinal));
        await weft.ExpectStat("cluster.collector.membership_total", 1);
        await weft.WaitForStat("cluster.collector.upstream_rq_200", 1);
    }
}
