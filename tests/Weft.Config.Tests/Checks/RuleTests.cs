using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Filter = Envoy.Config.Listener.V3.Filter;

namespace Weft.Config.Tests.Checks;

/// <summary>The rules that the API declares for its fields.</summary>
public sealed class RuleTests
{
    private static string[] Lines<T>(string yaml)
        where T : class, IMessage<T>, new()
        => Reading.Lines<T>(yaml, options: new ReadOptions { AllowUnimplemented = true });

    [Fact]
    public void Text_that_must_not_be_empty() => Assert.Equal(["t.yaml:1:1  name  value length must be at least 1 characters"], Lines<Cluster>("connect_timeout: 1s"));

    [Fact]
    public void A_list_that_must_not_be_empty() => Assert.Equal(["t.yaml:1:1  domains  value must contain at least 1 item(s)"], Lines<VirtualHost>("name: v"));

    [Fact]
    public void Elements_of_the_wrong_form()
        => Assert.Contains("t.yaml:1:12  domains[0]  value must be a valid HTTP header string without NUL, CR and LF", Lines<VirtualHost>("{ name: v, domains: [\"a\\nb\"] }"));

    [Theory]
    [InlineData("0s", "value must be greater than 0s")]
    [InlineData("0.0s", "value must be greater than 0s")]
    public void A_duration_with_a_bound(string text, string wrong)
        => Assert.Equal([$"t.yaml:1:12  connect_timeout  {wrong}"], Lines<Cluster>($"{{ name: a, connect_timeout: {text} }}"));

    [Theory]
    [InlineData("port_value: 65536", "value must be less than or equal to 65535")]
    public void A_number_with_a_bound(string port, string wrong)
        => Assert.Equal([$"t.yaml:1:33  socket_address.port_value  {wrong}"], Lines<Address>($"socket_address: {{ address: aaa, {port} }}"));

    [Fact]
    public void A_wrapped_number_is_tested_only_when_it_is_set()
    {
        Assert.Empty(Lines<HttpConnectionManager>("{ stat_prefix: s, route_config: {} }"));
        Assert.Equal(["t.yaml:1:37  max_request_headers_kb  value must be inside range (0, 8192]"], Lines<HttpConnectionManager>("{ stat_prefix: s, route_config: {}, max_request_headers_kb: 0 }"));
    }

    [Fact]
    public void An_enum_value_that_is_not_defined() => Assert.Equal(["t.yaml:1:12  lb_policy  value must be one of the defined enum values"], Lines<Cluster>("{ name: a, lb_policy: 77 }"));

    [Fact]
    public void An_enum_value_that_is_forbidden() => Assert.Contains(Lines<Cluster>("{ name: a, type: 77 }"), l => l.Contains("one of the defined", StringComparison.Ordinal));

    [Fact]
    public void A_message_that_is_required() => Assert.Equal(["t.yaml:1:1  match  value is required"], Lines<Route>("direct_response: { status: 200 }"));

    [Fact]
    public void A_oneof_that_is_required()
    {
        Assert.Equal(["t.yaml:1:10  match  path_specifier is required: one of prefix, path, safe_regex, connect_matcher, path_separated_prefix, path_match_policy"],
            Lines<Route>("{ match: {}, direct_response: { status: 200 } }"));
        Assert.Equal(["t.yaml:1:1  action is required: one of route, redirect, direct_response, filter_action, non_forwarding_action"], Lines<Route>("match: { prefix: / }"));
    }

    [Fact]
    public void Rules_hold_inside_of_an_any()
        => Assert.Contains(
            "t.yaml:1:28  typed_config.stat_prefix  value length must be at least 1 characters",
            Lines<Envoy.Config.Listener.V3.Filter>($"{{ name: hcm, typed_config: {{ '@type': {Reading.HcmType}, route_config: {{}} }} }}"));

    [Fact]
    public void Rules_hold_for_elements_and_map_values()
        => Assert.Contains(Lines<Cluster>("{ name: a, health_checks: { timeout: 1s, interval: 0s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {} } }"),
            l => l.Contains("health_checks[0].interval  value must be greater than 0s", StringComparison.Ordinal));

    [Fact]
    public void A_message_without_positions_is_checked_with_paths()
    {
        var cluster = new Cluster { ConnectTimeout = new Duration(), LoadAssignment = new() };
        cluster.TypedExtensionProtocolOptions["x"] = Any.Pack(new HttpConnectionManager());
        var context = new ConfigContext();
        ConfigReader.Check(cluster, "resources[3]", new ReadOptions { AllowUnimplemented = true }, context);
        Assert.Equal(
            [
                "resources[3].name  value length must be at least 1 characters",
                "resources[3].connect_timeout  value must be greater than 0s",
                "resources[3].load_assignment.cluster_name  value length must be at least 1 characters",
                "resources[3].typed_extension_protocol_options[\"x\"].stat_prefix  value length must be at least 1 characters",
                "resources[3].typed_extension_protocol_options[\"x\"]  route_specifier is required: one of rds, route_config, scoped_routes",
            ],
            context.Findings.Errors.Select(e => e.ToString()));
    }

    [Fact]
    public void A_damaged_or_unknown_any_is_reported_once()
    {
        var cluster = new Cluster { Name = "a" };
        cluster.TypedExtensionProtocolOptions["x"] = new Any { TypeUrl = "type.googleapis.com/envoy.config.cluster.v3.Cluster", Value = ByteString.CopyFrom(1, 2, 3) };
        cluster.TypedExtensionProtocolOptions["y"] = new Any { TypeUrl = "a/no.such.Type" };
        var context = new ConfigContext();
        ConfigReader.Check(cluster, "", new ReadOptions(), context);
        var lines = context.Findings.Errors.Select(e => e.ToString()).ToList();
        Assert.Equal(2, lines.Count);
        Assert.StartsWith("typed_extension_protocol_options[\"x\"]  the bytes are no envoy.config.cluster.v3.Cluster", lines[0], StringComparison.Ordinal);
        Assert.Equal("typed_extension_protocol_options[\"y\"]  unknown type no.such.Type", lines[1]);
    }

    [Fact]
    public void A_field_from_a_newer_api_is_named_by_number()
    {
        // Field 4000 of the second threshold, as a newer control plane might send it.
        var threshold = CircuitBreakers.Types.Thresholds.Parser.ParseFrom([0x82, 0xfa, 0x01, 0x01, (byte)'x']);
        var cluster = new Cluster { Name = "a", CircuitBreakers = new CircuitBreakers { Thresholds = { new CircuitBreakers.Types.Thresholds(), threshold } } };
        string[] Found(Severity severity, bool allowed)
        {
            var context = new ConfigContext();
            ConfigReader.Check(cluster, "resources[0]", new ReadOptions { UnknownFields = allowed ? UnknownFields.Warned : UnknownFields.Refused }, context);
            return [.. context.Findings.All.Where(f => f.Severity == severity).Select(f => f.ToString())];
        }

        const string Line = "resources[0].circuit_breakers.thresholds[1]  type envoy.config.cluster.v3.CircuitBreakers.Thresholds with unknown field set {4000}";
        Assert.Equal([Line], Found(Severity.Error, allowed: false));
        Assert.Equal([Line], Found(Severity.Warning, allowed: true));
    }

    [Fact]
    public void Fields_of_a_newer_api_are_named_in_all_the_anys_that_have_them_and_nowhere_else()
    {
        byte[] unknown = [0x82, 0xfa, 0x01, 0x01, (byte)'x'];
        Any With(IMessage message, byte[] more) => new() { TypeUrl = "a/" + message.Descriptor.FullName, Value = ByteString.CopyFrom([.. message.ToByteArray(), .. more]) };
        var manager = new HttpConnectionManager { StatPrefix = "a", RouteConfig = new(), HttpFilters = { new HttpFilter { Name = "router", TypedConfig = With(new Router(), unknown) } } };
        var listener = new Listener { Name = "a", FilterChains = { new FilterChain { Filters = { new Filter { Name = "hcm", TypedConfig = With(manager, []) } } } } };
        var context = new ConfigContext();
        ConfigReader.Check(context.Unpack(With(listener, unknown))!, "", new ReadOptions(), context);
        Assert.Equal(
            [
                "type envoy.config.listener.v3.Listener with unknown field set {4000}",
                "filter_chains[0].filters[0].typed_config.http_filters[0].typed_config  type envoy.extensions.filters.http.router.v3.Router with unknown field set {4000}",
            ],
            context.Findings.Errors.Select(e => e.ToString()));
    }

    [Fact]
    public void What_is_opened_after_the_first_fault_has_its_path_too()
    {
        var cluster = new Cluster();
        cluster.TypedExtensionProtocolOptions["x"] = Any.Pack(new HttpConnectionManager { RouteConfig = new() { VirtualHosts = { new VirtualHost { Name = "h" } } } });
        var context = new ConfigContext();
        ConfigReader.Check(cluster, "", new ReadOptions { AllowUnimplemented = true }, context);
        Assert.Equal(
            [
                "name  value length must be at least 1 characters",
                "typed_extension_protocol_options[\"x\"].stat_prefix  value length must be at least 1 characters",
                "typed_extension_protocol_options[\"x\"].route_config.virtual_hosts[0].domains  value must contain at least 1 item(s)",
            ],
            context.Findings.Errors.Select(e => e.ToString()));
    }
}
