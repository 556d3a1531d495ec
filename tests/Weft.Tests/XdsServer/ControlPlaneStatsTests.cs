namespace Weft.Tests.XdsServer;

/// <summary>Where the statistics of the streams to management servers stand.</summary>
public sealed class ControlPlaneStatsTests : IDisposable
{
    private static readonly string[] s_names = ["connected_state", "pending_requests", "rate_limit_enforced"];

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task Every_subscription_without_ads_has_those_of_its_stream()
    {
        _proxy.Serve(Endpoints("one") + Endpoints("two"));
        await _proxy.Start($$"""
            dynamic_resources: { cds_config: { {{ManagedProxy.Grpc(isDelta: true)}} } }
            static_resources:
              clusters:
              - { name: one, type: EDS, eds_cluster_config: { eds_config: { {{ManagedProxy.Grpc(isDelta: false)}} } } }
              - { name: two, type: EDS, eds_cluster_config: { eds_config: { {{ManagedProxy.Grpc(isDelta: false)}} } } }
            """);
        foreach (var prefix in new[] { "cluster.one.", "cluster.two.", "cluster_manager.cds." })
            Assert.Equal([1, 0, 0], await Stats(prefix + "control_plane."));
        Assert.Equal([-1, -1, -1], await Stats("control_plane."));
    }

    [Fact]
    public async Task Those_of_ads_have_no_prefix()
    {
        await _proxy.Start("""
            dynamic_resources:
              ads_config: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }
              cds_config: { ads: {} }
            static_resources:
              clusters:
            """);
        Assert.Equal([1, 0, 0], await Stats("control_plane."));
        Assert.Equal([-1, -1, -1], await Stats("cluster_manager.cds.control_plane."));
        Assert.StartsWith("control_plane.identifier: \"weft xds-server at ", await _proxy.Admin("stats?filter=^control_plane.identifier"), StringComparison.Ordinal);
    }

    private async Task<List<long>> Stats(string prefix)
    {
        var values = new List<long>();
        foreach (var name in s_names)
            values.Add(await _proxy.Stat(prefix + name));
        return values;
    }

    private static string Endpoints(string name) => $$"""
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: {{name}}
          endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } }] }]

        """;
}
