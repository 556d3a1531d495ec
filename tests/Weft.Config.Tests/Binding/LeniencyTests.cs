using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;

namespace Weft.Config.Tests.Binding;

public sealed class LeniencyTests
{
    [Fact]
    public void A_repeated_field_may_be_given_as_one_mapping()
    {
        var bootstrap = Reading.Good("""
            static_resources:
              listeners:
                name: one
                address: { socket_address: { address: 127.0.0.1, port_value: 80 } }
                filter_chains:
                  filters:
                    name: envoy.tcp_proxy
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      stat_prefix: tcp
                      cluster: c
            """);
        var filter = Assert.Single(Assert.Single(Assert.Single(bootstrap.StaticResources.Listeners).FilterChains).Filters);
        Assert.Equal("envoy.tcp_proxy", filter.Name);
    }

    [Fact]
    public void A_repeated_field_may_be_given_as_one_scalar()
        => Assert.Equal(["*"], Reading.Good<VirtualHost>("{ name: v, domains: '*' }").Domains);

    [Fact]
    public void Of_duplicate_keys_the_last_one_wins_with_a_warning()
    {
        const string Yaml = "name: a\nconnect_timeout: 1s\nname: b\n";
        Assert.Equal("b", Reading.Good<Cluster>(Yaml).Name);
        Assert.Equal("t.yaml:1:1  name  the key stands more than once; the last one is used", Reading.Lines<Cluster>(Yaml, Severity.Warning)[0]);
    }

    [Fact]
    public void Both_spellings_of_a_field_are_one_key()
    {
        const string Yaml = "name: a\nconnect_timeout: 1s\nconnectTimeout: 2s\n";
        Assert.Equal(2, Reading.Good<Cluster>(Yaml).ConnectTimeout.Seconds);
        Assert.Equal("t.yaml:2:1  connect_timeout  the key stands more than once; the last one is used", Reading.Lines<Cluster>(Yaml, Severity.Warning)[0]);
    }

    [Theory]
    [InlineData("strict_dns", Cluster.Types.DiscoveryType.StrictDns)]
    [InlineData("Strict_Dns", Cluster.Types.DiscoveryType.StrictDns)]
    [InlineData("LOGICAL_DNS", Cluster.Types.DiscoveryType.LogicalDns)]
    [InlineData("1", Cluster.Types.DiscoveryType.StrictDns)]
    [InlineData("'2'", Cluster.Types.DiscoveryType.LogicalDns)]
    public void Enums_are_known_by_name_in_any_case_and_by_number(string text, Cluster.Types.DiscoveryType expected)
        => Assert.Equal(expected, Reading.Good<Cluster>($"{{ name: a, type: {text} }}").Type);

    [Theory]
    [InlineData("1")]
    [InlineData("'1'")]
    [InlineData("1e0")]
    [InlineData("'1.0'")]
    [InlineData("0x1")]
    [InlineData("01")]
    public void Integers_may_be_quoted_and_written_in_other_ways(string text)
        => Assert.Equal(1u, Reading.Good<CircuitBreakers>($"thresholds: {{ max_connections: {text} }}").Thresholds[0].MaxConnections);

    [Theory]
    [InlineData("true", true)]
    [InlineData("'true'", true)]
    [InlineData("yes", true)]
    [InlineData("On", true)]
    [InlineData("off", false)]
    public void Booleans_may_be_quoted_and_of_yaml_1_1(string text, bool expected)
        => Assert.Equal(expected, Reading.Good<HttpConnectionManager>($"{{ stat_prefix: s, route_config: {{}}, use_remote_address: {text} }}").UseRemoteAddress);

    [Theory]
    [InlineData("30s", 30, 0)]
    [InlineData("'30s'", 30, 0)]
    [InlineData("0.25s", 0, 250_000_000)]
    [InlineData("1.000000001s", 1, 1)]
    public void Durations_are_seconds_with_a_fraction(string text, long seconds, int nanos)
    {
        var timeout = Reading.Good<Cluster>($"{{ name: a, connect_timeout: {text} }}").ConnectTimeout;
        Assert.Equal((seconds, nanos), (timeout.Seconds, timeout.Nanos));
    }

    [Fact]
    public void Large_integers_may_be_text()
    {
        var option = Reading.Good<SocketOption>("{ level: '9007199254740993', name: 1, int_value: 9007199254740995 }");
        Assert.Equal((9007199254740993, 9007199254740995), (option.Level, option.IntValue));
    }

    [Theory]
    [InlineData("aGk/")]
    [InlineData("aGk_")]
    public void Bytes_are_base64_in_either_alphabet(string text)
        => Assert.Equal("hi?", Reading.Good<DataSource>($"inline_bytes: {text}").InlineBytes.ToStringUtf8());

    [Fact]
    public void Null_means_that_a_field_is_not_set()
    {
        var bootstrap = Reading.Good("static_resources:\n  listeners:\n  clusters: ~\nadmin:\n");
        Assert.Null(bootstrap.Admin);
        Assert.Empty(bootstrap.StaticResources.Listeners);
    }

    [Fact]
    public void An_empty_mapping_is_a_configuration() => Assert.Null(Reading.Good("{}").StaticResources);

    [Fact]
    public void Flow_style_and_chinese_comments_are_fine()
    {
        var bootstrap = Reading.Good("""
            # 管理接口
            admin: { access_log_path: /dev/null, address: { socket_address: { address: 0.0.0.0, port_value: 9901 } } }  # 端口
            """);
        Assert.Equal(9901u, bootstrap.Admin.Address.SocketAddress.PortValue);
    }

    [Fact]
    public void Anchors_aliases_and_merge_keys_work()
    {
        var bootstrap = Reading.Good("""
            !ignore base: &base
              connect_timeout: 5s
              type: STRICT_DNS
            static_resources:
              clusters:
              - <<: *base
                name: a
              - <<: [*base]
                name: b
                connect_timeout: 1s
            """);
        Assert.Equal([("a", 5L), ("b", 1L)], bootstrap.StaticResources.Clusters.Select(c => (c.Name, c.ConnectTimeout.Seconds)));
        Assert.All(bootstrap.StaticResources.Clusters, c => Assert.Equal(Cluster.Types.DiscoveryType.StrictDns, c.Type));
    }

    [Fact]
    public void Free_form_values_keep_their_kinds()
    {
        var node = Reading.Good("node: { id: one, metadata: { b: true, 'n': 5, s: text, f: 1.5, q: '7', l: [1, x], m: { k: v }, z: null } }").Node;
        Assert.Equal("""{ "b": true, "n": 5, "s": "text", "f": "1.5", "q": "7", "l": [ 1, "x" ], "m": { "k": "v" }, "z": null }""", node.Metadata.ToString());
    }

    [Fact]
    public void Fractions_in_json_are_numbers()
    {
        var bootstrap = new ConfigContext();
        var read = ConfigReader.ReadText<Envoy.Config.Bootstrap.V3.Bootstrap>("""{"node":{"id":"n","metadata":{"f":1.5}}}""", "t.json", new ReadOptions(), bootstrap);
        Assert.Equal(1.5, read.Node.Metadata.Fields["f"].NumberValue);
    }

    [Fact]
    public void Field_masks_and_timestamps_have_their_text_forms()
    {
        var mask = Reading.Good<Envoy.Admin.V3.BootstrapConfigDump>("last_updated: 2024-01-31T12:00:00.5Z");
        Assert.Equal(500_000_000, mask.LastUpdated.Nanos);
    }
}
