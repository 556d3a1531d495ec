namespace Weft.Tests.XdsServer;

/// <summary>A source with two management servers.</summary>
public sealed class FailoverTests : IDisposable
{
    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Theory]
    [InlineData("GRPC")]
    [InlineData("DELTA_GRPC")]
    public async Task The_second_is_asked_when_the_first_cannot_be_reached(string apiType)
    {
        _proxy.Serve("- { \"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: web }\n");
        await _proxy.Start($$"""
            dynamic_resources:
              ads_config:
                api_type: {{apiType}}
                transport_api_version: V3
                grpc_services:
                - envoy_grpc: { cluster_name: nowhere, retry_policy: { retry_back_off: { base_interval: 0.01s, max_interval: 0.02s } } }
                - envoy_grpc: { cluster_name: management }
              cds_config: { ads: {} }
            static_resources:
              clusters:
              - name: nowhere
                load_assignment: { cluster_name: nowhere, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } }] }] }
            """);
        await _proxy.ExpectStat("cluster_manager.cds.update_success", 1);
        await _proxy.ExpectStat("cluster_manager.cds.update_failure", 2);
        // The beginning, two failures, what came.
        await _proxy.ExpectStat("cluster_manager.cds.update_attempt", 4);
        await _proxy.ExpectStat("control_plane.connected_state", 2);
    }
}
