namespace Weft.Tests.XdsServer;

/// <summary>RTDS from a management server: each protocol, and ADS.</summary>
public sealed class RuntimeOverGrpcTests : IDisposable
{
    private const string Ads = """
        dynamic_resources: { ads_config: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } }

        """;

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Theory]
    [InlineData("grpc")]
    [InlineData("delta")]
    [InlineData("ads")]
    public async Task A_layer_comes_from_the_management_server_and_follows_it(string protocol)
    {
        _proxy.Serve(Runtime("{ fault: { http: { abort: { http_status: 418 } } }, color: blue }"));
        var source = protocol == "ads" ? "ads: {}" : ManagedProxy.Grpc(isDelta: protocol == "delta");
        await _proxy.Start((protocol == "ads" ? Ads : "") + $$"""
            layered_runtime: { layers: [{ name: remote, rtds_layer: { name: layer, rtds_config: { {{source}} } } }, { name: admin, admin_layer: {} }] }
            static_resources:
              clusters:
            """);
        Assert.Contains("\"final_value\": \"418\"", await _proxy.Admin("runtime"), StringComparison.Ordinal);
        await _proxy.ExpectStat("runtime.update_success", 1);
        await _proxy.ExpectStat("runtime.num_keys", 2);
        await _proxy.ExpectStat("runtime.num_layers", 2);

        _proxy.Serve(Runtime("{ color: [blue] }"));
        await ManagedProxy.Until(async () => await _proxy.Stat("runtime.update_rejected") == 1, "the refusal");
        Assert.Contains("418", await _proxy.Admin("runtime"), StringComparison.Ordinal);

        _proxy.Serve(Runtime("{ color: green }"));
        await ManagedProxy.Until(async () => (await _proxy.Admin("runtime")).Contains("green", StringComparison.Ordinal), "the changed layer");
        await _proxy.ExpectStat("runtime.num_keys", 1);
    }

    [Fact]
    public async Task A_management_server_is_reached_by_google_grpc_too()
    {
        _proxy.Serve(Runtime("{ color: blue }"));
        await _proxy.Start($$"""
            layered_runtime: { layers: [{ name: remote, rtds_layer: { name: layer, rtds_config: { api_config_source: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ google_grpc: { target_uri: '127.0.0.1:{{_proxy.Discovery.Address.Port}}', stat_prefix: mgmt } }] } } } }] }
            static_resources:
              clusters:
            """);
        Assert.Contains("blue", await _proxy.Admin("runtime"), StringComparison.Ordinal);
        await _proxy.ExpectStat("cluster.google_grpc.mgmt.upstream_cx_total", 1);
    }

    private static string Runtime(string layer) => $$"""
        - "@type": type.googleapis.com/envoy.service.runtime.v3.Runtime
          name: layer
          layer: {{layer}}

        """;
}
