namespace Weft.Tests.XdsServer;

/// <summary>LEDS: endpoints of a locality as a collection of their own, over incremental gRPC.</summary>
public sealed class LocalityEndpointsTests : IDisposable
{
    private const string Type = "envoy.config.endpoint.v3.LbEndpoint";

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Endpoints_of_a_locality_come_and_go_one_by_one(bool isAds)
    {
        var source = isAds ? "ads: {}" : ManagedProxy.Grpc(isDelta: true);
        _proxy.Serve(Assignment(source, "one", "two") + Endpoint("one/a", 1) + Endpoint("one/b", 2) + Endpoint("two/a", 3));
        await _proxy.Start(Bootstrap(source));
        Assert.Equal(["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"], await Endpoints());
        await _proxy.ExpectStat("cluster.web.leds.update_success", 2);

        _proxy.Serve(Assignment(source, "one", "two") + Endpoint("one/b", 2) + Endpoint("one/c", 4) + Endpoint("two/a", 3));
        await UntilEndpointsAre("127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4");
        await _proxy.ExpectStat("cluster.web.update_success", 1);

        _proxy.Serve(Assignment(source, "two") + Endpoint("one/b", 2) + Endpoint("two/a", 3));
        await UntilEndpointsAre("127.0.0.1:3");
    }

    [Fact]
    public async Task A_locality_without_endpoints_does_not_hold_up_the_others()
    {
        var source = ManagedProxy.Grpc(isDelta: true);
        _proxy.Serve(Assignment(source, "one", "empty") + Endpoint("one/a", 1));
        await _proxy.Start(Bootstrap(source));
        Assert.Equal(["127.0.0.1:1"], await Endpoints());
    }

    [Fact]
    public async Task An_endpoint_that_cannot_be_used_is_refused_and_changes_nothing()
    {
        var source = ManagedProxy.Grpc(isDelta: true);
        _proxy.Serve(Assignment(source, "one") + Endpoint("one/a", 1));
        await _proxy.Start(Bootstrap(source));
        _proxy.Serve(Assignment(source, "one") + Endpoint("one/a", 5, "not an address"));
        await ManagedProxy.Until(async () => await _proxy.Stat("cluster.web.leds.update_rejected") == 1, "the refusal");
        Assert.Equal(["127.0.0.1:1"], await Endpoints());
    }

    [Fact]
    public async Task Both_a_collection_and_a_list_are_refused()
    {
        var source = ManagedProxy.Grpc(isDelta: true);
        _proxy.Serve(Assignment(source, "one").Replace("leds_cluster", "lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 9 } } } }], leds_cluster", StringComparison.Ordinal));
        await _proxy.Start(Bootstrap(source));
        await _proxy.ExpectStat("cluster.web.update_rejected", 1);
    }

    private static string Assignment(string source, params string[] localities) => $"""
        - "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
          cluster_name: web
          endpoints:
        {string.Join('\n', localities.Select(name => $"  - {{ locality: {{ zone: {name} }}, leds_cluster_locality_config: {{ leds_config: {{ {source} }}, leds_collection_name: \"xdstp://me/{Type}/{name}/*\" }} }}"))}

        """;

    private static string Endpoint(string name, int port, string address = "127.0.0.1") => $$"""
        - "@type": type.googleapis.com/envoy.service.discovery.v3.Resource
          name: "xdstp://me/{{Type}}/{{name}}"
          resource: { "@type": type.googleapis.com/{{Type}}, endpoint: { address: { socket_address: { address: "{{address}}", port_value: {{port}} } } } }

        """;

    private static string Bootstrap(string source) => $$"""
        dynamic_resources:
          ads_config: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] }
        static_resources:
          clusters:
          - { name: web, type: EDS, eds_cluster_config: { eds_config: { {{source}} } } }
        """;

    /// <summary>The addresses of the cluster, in order.</summary>
    private async Task<string[]> Endpoints() =>
        [.. (await _proxy.Admin("clusters")).Split('\n').Where(static line => line.StartsWith("web::127", StringComparison.Ordinal)).Select(static line => line.Split("::")[1]).Distinct().Order(StringComparer.Ordinal)];

    private Task UntilEndpointsAre(params string[] expected) => ManagedProxy.Until(async () => (await Endpoints()).SequenceEqual(expected), string.Join(", ", expected));
}
