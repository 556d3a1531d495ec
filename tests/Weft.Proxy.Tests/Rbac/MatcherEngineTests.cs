using Weft.Config;
using Weft.Proxy.Matching;
using Weft.Proxy.Rbac;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.HttpFilters;
using Weft.Proxy.Tests.Routing;
using MatcherMessage = Xds.Type.Matcher.V3.Matcher;

namespace Weft.Proxy.Tests.Rbac;

public sealed class MatcherEngineTests
{
    private const string Header = "input: { name: h, typed_config: { '@type': type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-user } }";

    [Theory]
    [InlineData("alice", true, "may", false)]
    [InlineData("bob", false, "may not", false)]
    [InlineData("carol", true, "noted", true)]
    [InlineData("dave", false, null, false)]
    public void Each_match_has_a_verdict_of_its_own_and_what_matches_nothing_is_refused(string user, bool allowed, string? policy, bool logged)
    {
        var engine = Engine($"matcher_tree: {{ {Header}, exact_match_map: {{ map: {{ alice: {Action("may", "ALLOW")}, bob: {Action("may not", "DENY")}, carol: {Action("noted", "LOG")} }} }} }}");
        var info = new StreamInfo();
        var verdict = engine.Judge(new RbacSubject(info, Routes.Request("/", headers: ("x-user", user))));
        Assert.Equal((allowed, policy), (verdict.IsAllowed, verdict.Policy?.Name));
        // Nothing is said of what nothing matches.
        var hint = info.DynamicMetadata.Find("envoy.common", ["access_log_hint"]);
        Assert.Equal(policy is null ? MetadataKind.None : MetadataKind.Bool, hint.Kind);
        Assert.Equal(logged, hint.Bool);
        Assert.Equal(["may", "may not", "noted"], engine.Policies.Select(each => each.Name).Order());
    }

    [Fact]
    public void A_connection_has_no_headers_to_match()
    {
        var config = new ConfigContext();
        _ = new MatcherEngine(Filters.Read<MatcherMessage>($"matcher_tree: {{ {Header}, exact_match_map: {{ map: {{ a: {Action("p", "ALLOW")} }} }} }}"), false, RbacInputs.Network, Routes.Context(config));
        Assert.Equal(
            "requirement violation while creating RBAC match tree: INVALID_ARGUMENT: RBAC network filter cannot match on 'type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput'",
            Assert.Single(config.Findings.Errors).Text);
    }

    // As Envoy Gateway writes rules on claims of tokens and in CEL.
    [Theory]
    [InlineData(
        "input: { name: i, typed_config: { '@type': type.googleapis.com/envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput, filter: jwt, path: [ { key: user } ] } }, "
        + "custom_match: { name: m, typed_config: { '@type': type.googleapis.com/envoy.extensions.matching.input_matchers.metadata.v3.Metadata, value: { string_match: { exact: ann } } } }")]
    [InlineData(
        "input: { name: i, typed_config: { '@type': type.googleapis.com/xds.type.matcher.v3.HttpAttributesCelMatchInput } }, "
        + "custom_match: { name: m, typed_config: { '@type': type.googleapis.com/xds.type.matcher.v3.CelMatcher, expr_match: { cel_expr_string: \"metadata.filter_metadata['jwt']['user'] == 'ann'\" } } }")]
    public void A_request_is_judged_by_its_metadata_and_by_expressions(string predicate)
    {
        var engine = Engine($"matcher_list: {{ matchers: [ {{ predicate: {{ single_predicate: {{ {predicate} }} }}, on_match: {Action("ann", "ALLOW")} }} ] }}, on_no_match: {Action("others", "DENY")}");
        foreach (var (user, allowed) in new[] { ("ann", true), ("bob", false) })
        {
            var info = new StreamInfo();
            info.DynamicMetadata.Set("jwt", "user", System.Text.Encoding.UTF8.GetBytes(user));
            Assert.Equal(allowed, engine.Judge(new RbacSubject(info, Routes.Request("/"))).IsAllowed);
        }
    }

    private static string Action(string name, string action) => $"{{ action: {{ name: a, typed_config: {{ '@type': type.googleapis.com/envoy.config.rbac.v3.Action, name: {name}, action: {action} }} }} }}";

    private static MatcherEngine Engine(string matcher)
    {
        var config = new ConfigContext();
        var engine = new MatcherEngine(Filters.Read<MatcherMessage>(matcher), isShadow: false, RbacInputs.Http, Routes.Context(config));
        Assert.Empty(config.Findings.Errors);
        return engine;
    }
}
