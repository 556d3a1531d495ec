using System.Text;
using Weft.Observe.Configs;

namespace Weft.Observe.Tests.Configs;

public sealed class ConfigDumpReaderTests
{
    [Fact]
    public void Resources_are_named_by_kind_section_and_version_and_written_as_YAML()
    {
        var config = Read();
        Assert.Equal(
            [
                "Bootstrap  bootstrap ",
                "Cluster local static_clusters ",
                "Cluster remote dynamic_active_clusters 7",
                "Cluster refused dynamic_warming_clusters.error_state 8",
                "Listener web dynamic_listeners.active_state 3",
                "RouteConfiguration shop dynamic_route_configs 5",
                "ClusterLoadAssignment remote-eds dynamic_endpoint_configs ",
                "Secret cert dynamic_active_secrets s1",
            ],
            config.Resources.Select(resource => $"{resource.Kind} {resource.Name} {resource.Section} {resource.Version}"));
        Assert.Equal(
            """
            name: local
            connect_timeout: 1s
            load_assignment:
              endpoints:
                - lb_endpoints:
                    - endpoint:
                        address:
                          socket_address:
                            address: 127.0.0.1
                            port_value: 8080

            """,
            Find(config, "local").Yaml);
        Assert.Equal(["127.0.0.1:8080"], Find(config, "local").Addresses);
        Assert.Equal("2026-01-02T03:04:05Z", Find(config, "local").UpdatedAt);
        Assert.Equal("no such field", Find(config, "refused").Error);
        Assert.DoesNotContain("static_resources", config.Resources[0].Yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the bootstrap /etc/front.yaml")]
    [InlineData("local", "the bootstrap /etc/front.yaml")]
    [InlineData("remote", "ADS of control")]
    [InlineData("web", "the file /etc/lds.yaml")]
    [InlineData("shop", "GRPC of routes")]
    [InlineData("remote-eds", "ADS of control")]
    [InlineData("cert", "the file /etc/sds.yaml")]
    public void Each_says_where_it_comes_from(string name, string source) => Assert.Equal(source, Find(Read(), name).Source);

    [Fact]
    public void What_there_is_no_room_for_is_counted()
    {
        var config = ConfigDumpReader.Read(Encoding.UTF8.GetBytes(Dump), "", maxBytes: 1);
        Assert.Equal((1, 7), (config.Resources.Count, config.Left));
    }

    [Fact]
    public void Names_that_stand_twice_in_a_section_are_told_apart()
    {
        const string entry = """{"cluster":{"@type":"a/b.Cluster","name":"x"}}""";
        var config = ConfigDumpReader.Read(Encoding.UTF8.GetBytes($$"""{"configs":[{"static_clusters":[{{entry}},{{entry}},{{entry}}]}]}"""), "", 1000_000);
        Assert.Equal(["x", "x #2", "x #3"], config.Resources.Select(resource => resource.Name));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"configs\":{}}")]
    [InlineData("{\"configs\":[1]}")]
    [InlineData("{\"configs\":[{\"static_clusters\":[{\"cluster\":{\"@type\":5}}]}]}")]
    [InlineData("{\"configs\":[{\"bootstrap\":[]}]}")]
    public void What_is_no_dump_is_refused(string text) => Assert.Throws<BadInputException>(() => ConfigDumpReader.Read(Encoding.UTF8.GetBytes(text), "", 1000));

    [Fact]
    public void Metadata_that_looks_like_something_else_does_no_harm()
    {
        const string cluster = """{"@type":"Cluster","name":"x","metadata":{"config_source":5,"route_config_name":6,"sds_config":[],"config_discovery":"x","port_value":{},"eds_cluster_config":{"eds_config":7}}}""";
        Assert.Equal("x", ConfigDumpReader.Read(Encoding.UTF8.GetBytes($$"""{"configs":[{"static_clusters":[{"cluster":{{cluster}}}]}]}"""), "", 100_000).Resources.Single().Name);
    }

    internal static ProxyConfig Read() => ConfigDumpReader.Read(Encoding.UTF8.GetBytes(Dump), "/etc/front.yaml", 1_000_000);

    internal static ConfigResource Find(ProxyConfig config, string name) => config.Resources.Single(resource => resource.Name == name);

    internal const string Dump = """
        {"configs":[
          {"@type":"type.googleapis.com/envoy.admin.v3.BootstrapConfigDump","bootstrap":{"node":{"id":"front"},"static_resources":{"clusters":[{"name":"local"}]},
            "dynamic_resources":{"ads_config":{"api_type":"GRPC","grpc_services":[{"envoy_grpc":{"cluster_name":"control"}}]},"cds_config":{"ads":{}},"lds_config":{"path_config_source":{"path":"/etc/lds.yaml"}}}}},
          {"@type":"type.googleapis.com/envoy.admin.v3.ClustersConfigDump","version_info":"7",
           "static_clusters":[{"cluster":{"@type":"type.googleapis.com/envoy.config.cluster.v3.Cluster","name":"local","connect_timeout":"1s",
             "load_assignment":{"endpoints":[{"lb_endpoints":[{"endpoint":{"address":{"socket_address":{"address":"127.0.0.1","port_value":8080}}}}]}]}},"last_updated":"2026-01-02T03:04:05Z"}],
           "dynamic_active_clusters":[{"version_info":"7","cluster":{"@type":"type.googleapis.com/envoy.config.cluster.v3.Cluster","name":"remote","eds_cluster_config":{"service_name":"remote-eds","eds_config":{"ads":{}}}}}],
           "dynamic_warming_clusters":[{"error_state":{"failed_configuration":{"@type":"type.googleapis.com/envoy.config.cluster.v3.Cluster","name":"refused"},"details":"no such field","version_info":"8"},"client_status":"NACKED"}]},
          {"@type":"type.googleapis.com/envoy.admin.v3.ListenersConfigDump","dynamic_listeners":[{"name":"web","active_state":{"version_info":"3","listener":{"@type":"type.googleapis.com/envoy.config.listener.v3.Listener","name":"web",
             "filter_chains":[{"filters":[{"name":"hcm","typed_config":{"@type":"x","rds":{"route_config_name":"shop","config_source":{"api_config_source":{"api_type":"GRPC","grpc_services":[{"envoy_grpc":{"cluster_name":"routes"}}]}}}}}],
               "transport_socket":{"sds":[{"name":"cert","sds_config":{"path":"/etc/sds.yaml"}}]}}]}}}]},
          {"@type":"type.googleapis.com/envoy.admin.v3.RoutesConfigDump","dynamic_route_configs":[{"version_info":"5","route_config":{"@type":"type.googleapis.com/envoy.config.route.v3.RouteConfiguration","name":"shop"}}]},
          {"@type":"type.googleapis.com/envoy.admin.v3.EndpointsConfigDump","dynamic_endpoint_configs":[{"endpoint_config":{"@type":"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment","cluster_name":"remote-eds"}}]},
          {"@type":"type.googleapis.com/envoy.admin.v3.SecretsConfigDump","dynamic_active_secrets":[{"name":"cert","version_info":"s1","secret":{"@type":"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret","name":"cert"}}]}
        ]}
        """;
}
