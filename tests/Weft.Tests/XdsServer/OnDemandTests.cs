using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weft.XdsServer;

namespace Weft.Tests.XdsServer;

/// <summary>Virtual hosts and clusters that are discovered when a request needs them, over gRPC.</summary>
public sealed class OnDemandTests : IDisposable
{
    private const string ClustersPath = "/envoy.service.cluster.v3.ClusterDiscoveryService/DeltaClusters";
    private const string ByHeader = "route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster_header: x-cluster } }] }] }";
    private const string VirtualHostsPath = "/envoy.service.route.v3.VirtualHostDiscoveryService/DeltaVirtualHosts";

    private readonly ManagedProxy _proxy = new();

    public void Dispose() => _proxy.Dispose();

    [Fact]
    public async Task Virtual_hosts_of_the_management_server_join_those_of_the_routes_and_follow_it()
    {
        _proxy.Serve(RoutesWithVhds + VirtualHost("routes/one", "one.example", 201));
        await _proxy.Start(WithRds());
        Assert.Equal(("200", "201"), (await Get("own.example"), await Get("one.example")));
        await _proxy.ExpectStat("http.web.vhds.routes.config_reload", 1);

        _proxy.Serve(RoutesWithVhds + VirtualHost("routes/one", "one.example", 203) + VirtualHost("other/x", "x.example", 204));
        await ManagedProxy.Until(async () => await Get("one.example") == "203", "the changed virtual host");
        Assert.Equal("404", await Get("x.example"));
        _proxy.Serve(RoutesWithVhds);
        await ManagedProxy.Until(async () => await Get("one.example") == "404", "its removal");
        Assert.Equal("200", await Get("own.example"));
    }

    [Fact]
    public async Task A_virtual_host_that_nobody_knows_is_asked_for_once_for_each_request()
    {
        _proxy.Serve(RoutesWithVhds);
        await _proxy.Start(WithRds());
        Assert.Equal("404", await Get("nowhere.example"));
        Assert.Equal("404", await Get("nowhere.example"));
        Assert.True(await _proxy.Stat("http.web.vhds.routes.update_attempt") >= 3);
    }

    [Fact]
    public async Task A_request_waits_for_its_virtual_host_and_goes_on_when_it_comes()
    {
        var asked = new TaskCompletionSource<(string Name, Action<IMessage> Send)>();
        _proxy.Discovery.Services[VirtualHostsPath] = send => new ScriptedVirtualHosts(send, name => asked.TrySetResult((name, send)));
        _proxy.Serve(RoutesWithVhds);
        await _proxy.Start(WithRds());
        var answer = _proxy.Get("web", "/", ("host", "late.example"));
        var (name, send) = await asked.Task.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal("routes/late.example", name);
        Assert.False(answer.IsCompleted);
        var host = new VirtualHost { Name = "routes/late", Domains = { "late.example" }, Routes = { new Route { Match = new RouteMatch { Prefix = "/" }, DirectResponse = new DirectResponseAction { Status = 207 } } } };
        _proxy.OnDiscoveryLoop(() => send(new DeltaDiscoveryResponse
        {
            TypeUrl = "type.googleapis.com/envoy.config.route.v3.VirtualHost",
            Nonce = "1",
            Resources = { new Resource { Name = host.Name, Version = "1", Resource_ = Any.Pack(host), Aliases = { name } } },
        }));
        Assert.Equal("207", await answer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cluster_is_discovered_by_the_first_request_that_needs_it(bool isAds)
    {
        await StartWithOdcds(isAds);
        _proxy.Serve(Cluster("late"));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", "late")));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", "late")));
        await _proxy.ExpectStat("cluster_manager.odcds.update_success", 1);

        _proxy.Serve("");
        await ManagedProxy.Until(async () => await _proxy.Get("web", "/", ("x-cluster", "late")) == "503", "its removal");
    }

    [Fact]
    public async Task A_cluster_that_does_not_exist_is_answered_with_503_and_asked_for_again()
    {
        await StartWithOdcds(isAds: false);
        Assert.Equal("503", await _proxy.Get("web", "/", ("x-cluster", "late")));
        Assert.Equal("503", await _proxy.Get("web", "/"));
        Assert.True(await _proxy.Stat("cluster_manager.odcds.update_attempt") > 0, "what was counted stays when there is no cluster any more");
        _proxy.Serve(Cluster("late"));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", "late")));
    }

    [Theory]
    [InlineData("AGGREGATED_DELTA_GRPC")]
    [InlineData("AGGREGATED_GRPC")]
    public async Task A_cluster_comes_from_the_authority_in_its_name_rather_than_from_the_source(string apiType)
    {
        var isSourceAsked = false;
        _proxy.Discovery.Services[ClustersPath] = _ =>
        {
            isSourceAsked = true;
            return new ScriptedVirtualHosts(static _ => { }, static _ => { });
        };
        await _proxy.Start(ShopAuthority.Replace("AGGREGATED_DELTA_GRPC", apiType, StringComparison.Ordinal) + Web($"odcds: {{ timeout: 3600s, source: {{ {ManagedProxy.Grpc(isDelta: true)} }} }}", ByHeader));
        const string name = "xdstp://shop/envoy.config.cluster.v3.Cluster/late";
        // Nothing waits for the timeout: the answer says that there is none, however often it is asked.
        foreach (var missing in new[] { name, name, name + "r", name })
            Assert.Equal("503", await _proxy.Get("web", "/", ("x-cluster", missing)));
        _proxy.Serve(Cluster(name));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", name)));
        Assert.Equal("503", await _proxy.Get("web", "/", ("x-cluster", name + "r")));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", name)));
        _proxy.Serve("");
        await ManagedProxy.Until(async () => await _proxy.Get("web", "/", ("x-cluster", name)) == "503", "its removal");
        _proxy.Serve(Cluster(name));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", name)));
        Assert.False(isSourceAsked);
    }

    [Fact]
    public async Task Without_a_source_a_cluster_comes_from_the_authority_in_its_name_or_from_nowhere()
    {
        const string name = "xdstp://shop/envoy.config.cluster.v3.Cluster/late";
        await _proxy.Start(ShopAuthority + Web("odcds: { timeout: 3600s }", ByHeader));
        _proxy.Serve(Cluster(name) + Cluster("late"));
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", name)));
        Assert.Equal("503", await _proxy.Get("web", "/", ("x-cluster", "late")));
        Assert.Equal("503", await _proxy.Get("web", "/", ("x-cluster", "xdstp://elsewhere/envoy.config.cluster.v3.Cluster/late")));
        await _proxy.ExpectStat("cluster_manager.odcds.update_success", 1);
    }

    [Fact]
    public async Task A_collection_comes_with_the_first_request_and_what_is_not_in_it_by_its_name()
    {
        const string names = "xdstp://shop/envoy.config.cluster.v3.Cluster/web/";
        await _proxy.Start(Web($"odcds: {{ timeout: 20s, source: {{ {ManagedProxy.Grpc(isDelta: true)} }}, resources_locator: \"{names}*\" }}", ByHeader));
        _proxy.Serve(Cluster(names + "one") + Cluster(names + "two") + Cluster("late") + Cluster("other"));
        Assert.Empty(await ClusterNames());
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", names + "one")));
        Assert.Equal([names + "one", names + "two"], await ClusterNames());
        Assert.Equal("200 upstream", await _proxy.Get("web", "/", ("x-cluster", "late")));
        Assert.Equal(["late", names + "one", names + "two"], await ClusterNames());

        _proxy.Serve(Cluster(names + "two") + Cluster("late"));
        await ManagedProxy.Until(async () => await _proxy.Get("web", "/", ("x-cluster", names + "one")) == "503", "the removal of one");
        Assert.Equal(["late", names + "two"], await ClusterNames());
    }

    [Fact]
    public async Task A_name_that_cannot_be_asked_for_is_a_missing_cluster_at_once()
    {
        await _proxy.Start(Web($"odcds: {{ timeout: 3600s, source: {{ {ManagedProxy.Grpc(isDelta: true)} }} }}", ByHeader));
        Assert.Equal("503", await _proxy.Get("web", "/", ("x-cluster", "xdstp:nonsense")));
    }

    [Theory]
    [InlineData("", "Missing config source specifier in envoy::config::core::v3::ConfigSource")]
    [InlineData("source: {}", "Missing config source specifier in envoy::config::core::v3::ConfigSource")]
    [InlineData("source: { api_config_source: { api_type: GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } }", "on-demand discovery of clusters needs incremental xDS")]
    [InlineData("resources_locator: 'xdstp://shop/envoy.config.cluster.v3.Cluster/*'", "Missing or not supported config source specifier in envoy::config::core::v3::ConfigSource for a collection")]
    [InlineData("source: { ads: {} }", "ADS must be configured to support an ADS config source")]
    public async Task A_source_that_cannot_be_used_is_named(string odcds, string fault)
    {
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => _proxy.Start(Web($"odcds: {{ {odcds} }}", "route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }")));
        Assert.Contains(fault, thrown.Message, StringComparison.Ordinal);
    }

    private const string ShopAuthority = "config_sources: [{ authorities: [{ name: shop }], api_config_source: { api_type: AGGREGATED_DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } }]\n";

    private const string RoutesWithVhds = """
        - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
          name: routes
          virtual_hosts: [{ name: own, domains: [own.example], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }]
          vhds: { config_source: { api_config_source: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } } }

        """;

    private static string VirtualHost(string name, string domain, int status) => $$"""
        - "@type": type.googleapis.com/envoy.config.route.v3.VirtualHost
          name: {{name}}
          domains: [{{domain}}]
          routes: [{ match: { prefix: / }, direct_response: { status: {{status}} } }]

        """;

    private static string WithRds() => Web("", $"rds: {{ route_config_name: routes, config_source: {{ {ManagedProxy.Grpc(isDelta: false)} }} }}");

    private static string Web(string onDemand, string routes) => $$"""
        static_resources:
          listeners:
          - name: upstream
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: upstream
                  route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: upstream } } }] }] }
                  http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  {{routes}}
                  http_filters:
                  - { name: on_demand, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand, {{onDemand}} } }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
          clusters:
        """;

    private async Task StartWithOdcds(bool isAds)
    {
        var ads = isAds ? "dynamic_resources: { ads_config: { api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{ envoy_grpc: { cluster_name: management } }] } }\n" : "";
        var source = isAds ? "ads: {}" : ManagedProxy.Grpc(isDelta: true);
        await _proxy.Start(ads + Web($"odcds: {{ source: {{ {source} }}, timeout: 20s }}", ByHeader));
    }

    private string Cluster(string name) => $$"""
        - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
          name: "{{name}}"
          load_assignment: { cluster_name: "{{name}}", endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{_proxy.Address("upstream").Split(':')[^1]}} } } } }] }] }

        """;

    private async Task<IEnumerable<string?>> ClusterNames() => (await _proxy.Dump("dynamic_active_clusters")).Select(static one => one.GetProperty("cluster").GetProperty("name").GetString()).Order(StringComparer.Ordinal);

    private Task<string> Get(string host) => _proxy.Get("web", "/", ("host", host));

    /// <summary>A management server that gives nothing before it is asked for it by name.</summary>
    private sealed class ScriptedVirtualHosts(Action<IMessage> send, Action<string> onAsked) : IGrpcSession
    {
        private bool _isAnswered;

        public string? OnMessage(ReadOnlySpan<byte> message)
        {
            var request = DeltaDiscoveryRequest.Parser.ParseFrom(message);
            foreach (var name in request.ResourceNamesSubscribe)
                onAsked(name);
            if (!_isAnswered)
                send(new DeltaDiscoveryResponse { TypeUrl = request.TypeUrl, Nonce = "0" });
            _isAnswered = true;
            return null;
        }

        public void OnClosed()
        {
        }
    }
}
