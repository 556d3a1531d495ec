using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Tests.Clusters.Calls;

/// <summary>gRPC services that logs, traces, metrics and filters speak to.</summary>
public sealed class CollectorTargetTests
{
    private const string Cluster = "static_resources: { clusters: [{ name: collector, type: STATIC, load_assignment: { cluster_name: collector } }] }";

    [Theory]
    [InlineData("", false)]
    [InlineData(", max_receive_message_length: 1024", true)]
    public void A_limit_of_messages_that_has_no_effect_is_warned_of(string field, bool isWarned)
    {
        var sink = "'@type': type.googleapis.com/envoy.config.metrics.v3.MetricsServiceConfig, transport_api_version: V3, grpc_service: { envoy_grpc: { cluster_name: collector" + field + " } }";
        var yaml = $"{Cluster}\nstats_sinks: [{{ name: envoy.stat_sinks.metrics_service, typed_config: {{ {sink} }} }}]";
        using var server = Weft.Proxy.Bootstrap.Server.Create(new ServerOptions { ConfigYaml = yaml, Concurrency = 1 }, out var findings);
        Assert.NotNull(server);
        Assert.Equal(isWarned, findings.All.Any(static found => found.FieldPath.EndsWith("grpc_service.envoy_grpc.max_receive_message_length", StringComparison.Ordinal)));
    }
}
