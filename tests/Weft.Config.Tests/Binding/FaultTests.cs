using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;

namespace Weft.Config.Tests.Binding;

/// <summary>Each fault: the exact line a user sees.</summary>
public sealed class FaultTests
{
    [Fact]
    public void A_misspelt_field_is_named_with_the_right_one()
        => Assert.Equal(
            ["t.yaml:6:43  static_resources.listeners[0].address.socket_address.port_valu  unknown field; did you mean port_value?"],
            Reading.Lines("""
                # comment
                static_resources:
                  listeners:
                  - name: l
                    address:
                      socket_address: { address: 0.0.0.0, port_valu: 80 }
                    filter_chains: []
                """).Where(l => l.Contains("port", StringComparison.Ordinal)));

    [Fact]
    public void A_misspelt_field_that_is_required_is_reported_once()
        => Assert.Equal(["t.yaml:1:12  domans  unknown field; did you mean domains?"], Reading.Lines<VirtualHost>("{ name: v, domans: ['*'] }"));

    [Fact]
    public void All_faults_are_found_in_one_run()
        => Assert.Equal(
            [
                "t.yaml:1:10  name  expected text, found a list",
                "t.yaml:2:8  type  unknown value \"EDSS\" of envoy.config.cluster.v3.Cluster.DiscoveryType; did you mean EDS?",
                "t.yaml:3:20  connect_timeout  expected a duration in seconds, found the text \"250ms\"; did you mean 0.25s?",
                "t.yaml:4:1  nonsense_here  unknown field",
                "t.yaml:5:30  max_requests_per_connection  expected an integer, found the text \"many\"",
            ],
            Reading.Lines<Cluster>("name:    [a]\ntype:  EDSS\nconnect_timeout:   250ms\nnonsense_here: 1\nmax_requests_per_connection: many\n"));

    [Theory]
    [InlineData("name: 8080", "t.yaml:1:7  name  expected text, found the number 8080; text that looks like something else needs quotes; did you mean \"8080\"?")]
    [InlineData("name: on", "t.yaml:1:7  name  expected text, found the boolean on; text that looks like something else needs quotes; did you mean \"on\"?")]
    [InlineData("name: { a: b }", "t.yaml:1:7  name  expected text, found a mapping")]
    [InlineData("stat_prefix: x\naddress: 127.0.0.1", "t.yaml:2:10  address  expected a mapping, found the text \"127.0.0.1\"")]
    [InlineData("use_original_dst: maybe", "t.yaml:1:19  use_original_dst  expected true or false, found the text \"maybe\"")]
    [InlineData("tcp_backlog_size: -1", "t.yaml:1:19  tcp_backlog_size  -1 is out of range, which is 0 to 4294967295")]
    [InlineData("tcp_backlog_size: 1.5", "t.yaml:1:19  tcp_backlog_size  expected an integer, found the text \"1.5\"")]
    [InlineData("tcp_backlog_size: true", "t.yaml:1:19  tcp_backlog_size  expected an integer, found the boolean true")]
    [InlineData("tcp_backlog_size: 99999999999", "t.yaml:1:19  tcp_backlog_size  99999999999 is out of range, which is 0 to 4294967295")]
    [InlineData("listener_filters_timeout: 15", "t.yaml:1:27  listener_filters_timeout  expected a duration in seconds, found the number 15; did you mean 15s?")]
    [InlineData("listener_filters_timeout: 5m", "t.yaml:1:27  listener_filters_timeout  expected a duration in seconds, found the text \"5m\"; did you mean 300s?")]
    [InlineData("listener_filters_timeout: -1s", "t.yaml:1:27  listener_filters_timeout  a duration must not be negative")]
    [InlineData("drain_type: MODIFY", "t.yaml:1:13  drain_type  unknown value \"MODIFY\" of envoy.config.listener.v3.Listener.DrainType")]
    [InlineData("drain_type: modify_onyl", "t.yaml:1:13  drain_type  unknown value \"modify_onyl\" of envoy.config.listener.v3.Listener.DrainType; did you mean MODIFY_ONLY?")]
    [InlineData("filter_chains: [ ~ ]", "t.yaml:1:18  filter_chains[0]  an element must not be empty")]
    [InlineData("filter_chains: text", "t.yaml:1:16  filter_chains[0]  expected a mapping, found the text \"text\"")]
    [InlineData("socket_options: [ { level: 1, name: 1, int_value: 1, buf_value: '???' } ]", "t.yaml:1:54  socket_options[0].buf_value  only one field of value can be set, and int_value is set in line 1")]
    [InlineData("socket_options: [ { level: 1, name: 1, buf_value: '???' } ]", "t.yaml:1:51  socket_options[0].buf_value  expected bytes in base64")]
    [InlineData("metadata: { filter_metadata: [] }", "t.yaml:1:30  metadata.filter_metadata  expected a mapping, found a list")]
    [InlineData("metadata: { filter_metadata: { a: 5 } }", "t.yaml:1:35  metadata.filter_metadata[\"a\"]  expected a mapping, found the number 5")]
    public void A_value_of_the_wrong_kind_says_what_is_expected(string yaml, string line) => Assert.Equal([line], Reading.Lines<Listener>(yaml));

    [Theory]
    [InlineData("x: { '@type': type.googleapis.com/envoy.extensions.filters.http.router.v3.Ruter }", "t.yaml:1:44  typed_per_filter_config[\"x\"]  unknown type envoy.extensions.filters.http.router.v3.Ruter; did you mean envoy.extensions.filters.http.router.v3.Router?")]
    [InlineData("x: { '@type': envoy.config.filter.http.router.v2alpha.Router }", "t.yaml:1:44  typed_per_filter_config[\"x\"]  unknown type envoy.config.filter.http.router.v2alpha.Router, which is of an older API version; did you mean envoy.extensions.filters.http.router.v3.Router?")]
    [InlineData("x: { '@type': envoy.extensions.filters.http.golang.v3alpha.Config }", "t.yaml:1:44  typed_per_filter_config[\"x\"]  the extension envoy.filters.http.golang is not implemented yet (envoy.extensions.filters.http.golang.v3alpha.Config)")]
    [InlineData("x: { '@type': Router }", "t.yaml:1:44  typed_per_filter_config[\"x\"]  unknown type Router")]
    [InlineData("x: { '@type': '' }", "t.yaml:1:44  typed_per_filter_config[\"x\"]  @type must not be empty")]
    [InlineData("x: {}", "t.yaml:1:33  typed_per_filter_config[\"x\"]  @type is missing: it tells what the other fields are")]
    [InlineData("x: { key: value }", "t.yaml:1:33  typed_per_filter_config[\"x\"]  @type is missing: it tells what the other fields are")]
    [InlineData("x: { '@type': 5 }", "t.yaml:1:44  typed_per_filter_config[\"x\"]  expected a type URL, found the number 5")]
    [InlineData("x: text", "t.yaml:1:33  typed_per_filter_config[\"x\"]  expected a mapping with @type, found the text \"text\"")]
    public void A_type_that_cannot_be_used_is_explained(string any, string line)
    {
        var lines = Reading.Lines<VirtualHost>($"{{ typed_per_filter_config: {{ {any} }}, name: v, domains: [a] }}");
        Assert.Contains(line, lines);
    }

    [Theory]
    [InlineData("extension_protocol_options: {}", "t.yaml:1:1  extension_protocol_options  unknown field; it was replaced by typed_extension_protocol_options")]
    [InlineData("tls_context: []", "t.yaml:1:1  tls_context  unknown field; it was replaced by transport_socket with envoy.transport_sockets.tls")]
    public void A_field_of_an_older_api_is_explained(string yaml, string line) => Assert.Contains(line, Reading.Lines<Cluster>(yaml));

    [Fact]
    public void Unknown_fields_can_be_allowed()
    {
        var options = new ReadOptions { UnknownFields = UnknownFields.Warned };
        const string Yaml = "{ address: { pipe: { path: /x, pth: 5 } } }";
        Assert.Empty(Reading.Lines<Address>("{ pipe: { path: /x, pth: 5 } }", options: options));
        Assert.Equal(["t.yaml:1:32  address.pipe.pth  unknown field; did you mean path?"], Reading.Lines<Admin>(Yaml, Severity.Warning, options));
        var ignored = 0;
        options = new ReadOptions { UnknownFields = UnknownFields.Ignored, UnknownFieldPassed = () => ignored++ };
        Assert.Empty(Reading.Lines<Admin>(Yaml, Severity.Warning, options));
        Assert.Equal(1, ignored);
        // The field that was meant is missing all the same.
        Assert.Equal(["t.yaml:1:9  pipe.path  value length must be at least 1 characters"], Reading.Lines<Address>("{ pipe: { pth: /x } }", options: options));
    }

    [Theory]
    [InlineData("", "t.yaml")]
    [InlineData("# nothing yet\n", "t.yaml")]
    [InlineData("---\n", "t.yaml")]
    [InlineData("null", "t.json")]
    public void Nothing_at_all_is_an_error_and_an_empty_mapping_is_none(string text, string name)
    {
        Assert.Equal([$"{name}:1:1  there is nothing in it; {{}} would say that nothing is wanted"], Reading.Lines(text, name: name));
        Assert.Empty(Reading.Lines("{}", name: name));
    }

    [Fact]
    public void A_missing_file_is_an_error()
    {
        var context = new ConfigContext();
        ConfigReader.Read<Bootstrap>("/nowhere/envoy.yaml", null, new ReadOptions(), context);
        Assert.StartsWith("/nowhere/envoy.yaml  unable to read the file: ", Assert.Single(context.Findings.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_extension_that_nobody_knows_is_named_with_the_closest()
        => Assert.Equal(
            ["t.yaml:1:3  name  there is no extension envoy.tcp_prxy in envoy.filters.network, and typed_config gives no type; did you mean envoy.filters.network.tcp_proxy?"],
            Reading.Lines<Envoy.Config.Listener.V3.Filter>("{ name: envoy.tcp_prxy }"));

    [Theory]
    [InlineData("envoy.transport_sockets.raw_bufer", "there is no extension envoy.transport_sockets.raw_bufer in envoy.transport_sockets, and typed_config gives no type; did you mean envoy.transport_sockets.raw_buffer?")]
    [InlineData("envoy.transport_sockets.tls", "the extension envoy.transport_sockets.tls needs a typed_config")]
    public void A_transport_socket_without_configuration_is_known_by_its_name(string name, string text)
        => Assert.Equal([$"t.yaml:1:3  name  {text}"], Reading.Lines<TransportSocket>($"{{ name: {name} }}"));
}
