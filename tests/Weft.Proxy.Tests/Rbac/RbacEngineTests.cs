using Envoy.Config.Rbac.V3;
using Weft.Config;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Rbac;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.HttpFilters;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.Rbac;

public sealed class RbacEngineTests
{
    [Theory]
    [InlineData("any: true", true)]
    [InlineData("header: { name: x-user, string_match: { exact: alice } }", true)]
    [InlineData("header: { name: x-user, string_match: { exact: bob } }", false)]
    [InlineData("header: { name: x-nobody, present_match: true, invert_match: true }", true)]
    [InlineData("url_path: { path: { exact: /users } }", true)]
    [InlineData("url_path: { path: { suffix: admin } }", false)]
    [InlineData("uri_template: { name: t, typed_config: { '@type': type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: '/{any}' } }", true)]
    [InlineData("uri_template: { name: t, typed_config: { '@type': type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: '/{any}/more' } }", false)]
    [InlineData("destination_ip: { address_prefix: 10.1.0.0, prefix_len: 16 }", true)]
    [InlineData("destination_ip: { address_prefix: 10.2.0.0, prefix_len: 16 }", false)]
    [InlineData("destination_port: 8443", true)]
    [InlineData("destination_port: 8444", false)]
    [InlineData("destination_port_range: { start: 8000, end: 8444 }", true)]
    [InlineData("destination_port_range: { start: 8000, end: 8443 }", false)]
    [InlineData("requested_server_name: { suffix: .example }", true)]
    [InlineData("requested_server_name: { exact: other.example }", false)]
    [InlineData("metadata: { filter: f, path: [ { key: k } ], value: { string_match: { exact: v } } }", true)]
    [InlineData("metadata: { filter: f, path: [ { key: k } ], value: { string_match: { exact: w } } }", false)]
    [InlineData("not_rule: { destination_port: 1 }", true)]
    [InlineData("and_rules: { rules: [ { destination_port: 8443 }, { any: true } ] }", true)]
    [InlineData("and_rules: { rules: [ { destination_port: 8443 }, { destination_port: 1 } ] }", false)]
    [InlineData("or_rules: { rules: [ { destination_port: 1 }, { destination_port: 8443 } ] }", true)]
    [InlineData("or_rules: { rules: [ { destination_port: 1 }, { destination_port: 2 } ] }", false)]
    public void A_permission_is_what_the_request_wants_to_do(string permission, bool allowed) =>
        Assert.Equal(allowed, Judge($"policies: {{ p: {{ permissions: [ {{ {permission} }} ], principals: [ {{ any: true }} ] }} }}").IsAllowed);

    [Theory]
    [InlineData("any: true", true)]
    [InlineData("remote_ip: { address_prefix: 203.0.113.9, prefix_len: 32 }", true)]
    [InlineData("remote_ip: { address_prefix: 192.0.2.1, prefix_len: 32 }", false)]
    [InlineData("source_ip: { address_prefix: 192.0.2.1, prefix_len: 32 }", true)]
    [InlineData("source_ip: { address_prefix: 203.0.113.9, prefix_len: 32 }", false)]
    [InlineData("direct_remote_ip: { address_prefix: 198.51.100.0, prefix_len: 24 }", true)]
    [InlineData("direct_remote_ip: { address_prefix: 192.0.2.0, prefix_len: 24 }", false)]
    [InlineData("header: { name: x-user, string_match: { prefix: al } }", true)]
    [InlineData("url_path: { path: { prefix: /us } }", true)]
    [InlineData("metadata: { filter: f, path: [ { key: none } ], value: { present_match: true } }", false)]
    [InlineData("authenticated: {}", false)]
    [InlineData("authenticated: { principal_name: { exact: '' } }", false)]
    [InlineData("not_id: { any: true }", false)]
    [InlineData("and_ids: { ids: [ { any: true }, { remote_ip: { address_prefix: '::', prefix_len: 0 } } ] }", false)]
    [InlineData("or_ids: { ids: [ { not_id: { any: true } }, { any: true } ] }", true)]
    public void A_principal_is_who_asks(string principal, bool allowed) =>
        Assert.Equal(allowed, Judge($"policies: {{ p: {{ permissions: [ {{ any: true }} ], principals: [ {{ {principal} }} ] }} }}").IsAllowed);

    [Theory]
    [InlineData("ALLOW", "/users", true, "b")]
    [InlineData("ALLOW", "/other", false, null)]
    [InlineData("DENY", "/users", false, "b")]
    [InlineData("DENY", "/other", true, null)]
    [InlineData("LOG", "/users", true, "b")]
    [InlineData("LOG", "/other", true, null)]
    public void The_action_decides_what_a_matching_policy_means(string action, string path, bool allowed, string? policy)
    {
        var info = Info();
        var verdict = Judge($"action: {action}, policies: {{ c: {Path("/users")}, b: {Path("/users")}, a: {Path("/nothing")} }}", info, path);
        Assert.Equal((allowed, policy), (verdict.IsAllowed, verdict.Policy?.Name));
        var hint = info.DynamicMetadata.Find("envoy.common", ["access_log_hint"]);
        Assert.Equal(action == "LOG" ? MetadataKind.Bool : MetadataKind.None, hint.Kind);
        Assert.Equal(action == "LOG" && policy is not null, hint.Bool);
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("bob", false)]
    public void A_condition_must_be_true_besides(string user, bool allowed)
    {
        // request.headers['x-user'] == 'USER', as a control plane has parsed it.
        const string Header = "{ call_expr: { function: '_[_]', args: [ { select_expr: { operand: { ident_expr: { name: request } }, field: headers } }, { const_expr: { string_value: x-user } } ] } }";
        var condition = $"{{ call_expr: {{ function: '_==_', args: [ {Header}, {{ const_expr: {{ string_value: {user} }} }} ] }} }}";
        Assert.Equal(allowed, Judge($"policies: {{ p: {{ permissions: [ {{ any: true }} ], principals: [ {{ any: true }} ], condition: {condition} }} }}").IsAllowed);
        Assert.Equal(allowed, Judge($"policies: {{ p: {{ permissions: [ {{ any: true }} ], principals: [ {{ any: true }} ], checked_condition: {{ expr: {condition} }} }} }}").IsAllowed);
    }

    [Fact]
    public void Without_policies_nothing_matches()
    {
        Assert.False(Judge("").IsAllowed);
        Assert.True(Judge("action: DENY").IsAllowed);
        Assert.Equal("rbac_access_denied_matched_policy[none]", Judge("").DeniedDetails);
    }

    [Fact]
    public void Blanks_of_a_policys_name_do_not_get_into_details() =>
        Assert.Equal("rbac_access_denied_matched_policy[a_b_c]", Judge($"action: DENY, policies: {{ \"a b\\tc\": {Path("/users")} }}").DeniedDetails);

    [Theory]
    [InlineData("permissions: [ { destination_port_range: { start: 5, end: 5 } } ], principals: [ { any: true } ]", "range start 5 cannot be greater or equal than range end 5")]
    [InlineData("permissions: [ { destination_port_range: { start: 5, end: 70000 } } ], principals: [ { any: true } ]", "range end 70000 is out of bounds")]
    [InlineData("permissions: [ { any: true } ], principals: [ { remote_ip: { address_prefix: nowhere, prefix_len: 8 } } ]", "Failed to create CIDR range: malformed IP address or prefix: nowhere/8")]
    [InlineData("permissions: [ { uri_template: { name: t, typed_config: { '@type': type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig, path_template: 'a' } } } ], principals: [ { any: true } ]", "uri_template.path_template a is invalid: it must begin with a slash")]
    public void Rules_that_mean_nothing_are_refused(string policy, string fault)
    {
        var config = new ConfigContext();
        PolicyEngine.Create(Filters.Read<RBAC>($"policies: {{ p: {{ {policy} }} }}"), isShadow: false, config);
        Assert.Equal(fault, Assert.Single(config.Findings.Errors).Text);
    }

    [Fact]
    public void A_connection_is_judged_without_headers()
    {
        var engine = Engine("policies: { p: { permissions: [ { not_rule: { url_path: { path: { prefix: / } } } } ], principals: [ { header: { name: a, present_match: true, invert_match: true } } ] } }");
        Assert.True(engine.Judge(new RbacSubject(Info())).IsAllowed);
    }

    private static string Path(string path) => $"{{ permissions: [ {{ url_path: {{ path: {{ exact: {path} }} }} }} ], principals: [ {{ any: true }} ] }}";

    private static RbacVerdict Judge(string rules, StreamInfo? info = null, string path = "/users?id=1")
    {
        var headers = Routes.Request(path, headers: ("x-user", "alice"));
        return Engine(rules).Judge(new RbacSubject(info ?? Info(), headers));
    }

    private static PolicyEngine Engine(string rules)
    {
        var config = new ConfigContext();
        var engine = PolicyEngine.Create(Filters.Read<RBAC>(rules), isShadow: false, config);
        Assert.Empty(config.Findings.Errors);
        return engine;
    }

    private static StreamInfo Info()
    {
        var info = new StreamInfo
        {
            DownstreamLocalAddress = Address("10.1.2.3", 8443),
            DownstreamRemoteAddress = Address("203.0.113.9", 0),
            ConnectionRemoteAddress = Address("192.0.2.1", 4711),
            DownstreamDirectRemoteAddress = Address("198.51.100.7", 4712),
            RequestedServerName = "one.example",
        };
        info.DynamicMetadata.Set("f", "k", "v"u8);
        return info;
    }

    private static NetAddress Address(string text, int port) => NetAddress.TryParseIP(text, port, out var address) ? address : default;
}
