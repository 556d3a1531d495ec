using System.Text.Json;
using Weft.Proxy.Tests.Clusters;

namespace Weft.Proxy.Tests.Admin;

public class ConfigDumpTests
{
    private const string Bootstrap = """
        node: { id: n1, cluster: c1 }
        static_resources:
          listeners:
          - name: ingress
            address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: ingress
                  route_config: { name: local_route, virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: web } }] }] }
                  http_filters:
                  - name: router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        """;

    private readonly TestAdmin _admin = new(Bootstrap);

    public ConfigDumpTests()
    {
        _admin.AddCluster("{ name: web, connect_timeout: 1s }", TestEndpoints.Create(1));
        _admin.AddCluster("{ name: other, connect_timeout: 2s }");
    }

    [Fact]
    public void Sections_come_in_Envoys_order()
    {
        var types = Configs("/config_dump").Select(Type);
        Assert.Equal(["BootstrapConfigDump", "ClustersConfigDump", "ListenersConfigDump", "ScopedRoutesConfigDump", "RoutesConfigDump", "SecretsConfigDump"], types);
        Assert.Equal("EndpointsConfigDump", Type(Configs("/config_dump?include_eds")[2]));
    }

    [Fact]
    public void Static_resources_are_opened_and_dated()
    {
        var configs = Configs("/config_dump");
        Assert.Equal("n1", configs[0].GetProperty("bootstrap").GetProperty("node").GetProperty("id").GetString());
        Assert.Equal("2024-01-02T03:04:05.678Z", configs[0].GetProperty("last_updated").GetString());
        var cluster = configs[1].GetProperty("static_clusters")[0];
        Assert.Equal("type.googleapis.com/envoy.config.cluster.v3.Cluster", cluster.GetProperty("cluster").GetProperty("@type").GetString());
        Assert.Equal("1s", cluster.GetProperty("cluster").GetProperty("connect_timeout").GetString());
        Assert.Equal("ingress", configs[2].GetProperty("static_listeners")[0].GetProperty("listener").GetProperty("name").GetString());
        Assert.Equal("local_route", configs[4].GetProperty("static_route_configs")[0].GetProperty("route_config").GetProperty("name").GetString());
    }

    [Fact]
    public void A_resource_is_picked_and_trimmed_inside()
    {
        var clusters = Configs("/config_dump?resource=static_clusters&mask=cluster.name");
        Assert.Equal(2, clusters.Count);
        Assert.Equal("""{"@type":"type.googleapis.com/envoy.config.cluster.v3.Cluster","name":"web"}""", JsonSerializer.Serialize(clusters[0].GetProperty("cluster")));
        Assert.False(clusters[0].TryGetProperty("last_updated", out _));
    }

    [Fact]
    public void A_mask_without_a_resource_keeps_the_sections_it_fits() =>
        Assert.Equal(["ClustersConfigDump"], Configs("/config_dump?mask=static_clusters").Select(Type));

    [Fact]
    public void Names_are_picked_by_expression()
    {
        var clusters = Configs("/config_dump?resource=static_clusters&name_regex=o.*");
        Assert.Equal("other", Assert.Single(clusters).GetProperty("cluster").GetProperty("name").GetString());
    }

    [Fact]
    public void Endpoints_are_those_in_use()
    {
        var assignment = Configs("/config_dump?include_eds&resource=static_endpoint_configs")[0].GetProperty("endpoint_config");
        Assert.Equal("web", assignment.GetProperty("cluster_name").GetString());
        var endpoint = assignment.GetProperty("endpoints")[0].GetProperty("lb_endpoints")[0];
        Assert.Equal("HEALTHY", endpoint.GetProperty("health_status").GetString());
        Assert.Equal("10.0.0.1", endpoint.GetProperty("endpoint").GetProperty("address").GetProperty("socket_address").GetProperty("address").GetString());
    }

    [Fact]
    public void Endpoints_have_the_name_by_which_they_are_discovered_and_all_that_was_said_of_them()
    {
        _admin.AddCluster("{ name: found, type: EDS, eds_cluster_config: { service_name: by-name, eds_config: { ads: {} } } }", TestEndpoints.Create(1, weight: 3), TestEndpoints.Create(2, priority: 1));
        var assignment = Configs("/config_dump?include_eds&resource=static_endpoint_configs&name_regex=by-.*").Single().GetProperty("endpoint_config");
        Assert.Equal("by-name", assignment.GetProperty("cluster_name").GetString());
        Assert.Equal(140, assignment.GetProperty("policy").GetProperty("overprovisioning_factor").GetInt32());
        var localities = assignment.GetProperty("endpoints");
        Assert.Equal((2, 1), (localities.GetArrayLength(), localities[1].GetProperty("priority").GetInt32()));
        Assert.Equal(3, localities[0].GetProperty("lb_endpoints")[0].GetProperty("load_balancing_weight").GetInt32());
    }

    [Theory]
    [InlineData("/config_dump?resource=nothing", 404, "nothing not found in config dump")]
    [InlineData("/config_dump?resource=version_info", 400, "version_info is not a repeated field. Use ?mask=version_info to get only this field")]
    [InlineData("/config_dump?mask=nothing", 400, "FieldMask nothing could not be successfully applied to any configs.")]
    [InlineData("/config_dump?resource=static_clusters&mask=nothing", 400, "FieldMask paths: \"nothing\"\n could not be successfully used.")]
    public void What_does_not_fit_is_refused(string target, int status, string text) => Assert.Equal((status, text), _admin.Call("GET", target));

    [Fact]
    public void A_broken_expression_is_refused() => Assert.Equal(400, _admin.Call("GET", "/config_dump?name_regex=(").Status);

    private List<JsonElement> Configs(string target) => [.. JsonDocument.Parse(_admin.Get(target)).RootElement.GetProperty("configs").EnumerateArray()];

    private static string Type(JsonElement config) => config.GetProperty("@type").GetString()!.Split('.')[^1];
}
