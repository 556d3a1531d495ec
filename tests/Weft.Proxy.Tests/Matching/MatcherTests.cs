using Weft.Http;
using Weft.Net;
using Weft.Proxy.Listeners.FilterChains;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using static Weft.Proxy.Tests.Matching.Matchers;

namespace Weft.Proxy.Tests.Matching;

public class MatcherTests
{
    private static string Single(string input, string matcher) => $"{{ single_predicate: {{ input: {input}, {matcher} }} }}";

    private static string List(params (string Predicate, string OnMatch)[] entries)
        => "matcher_list:\n  matchers:\n" + string.Concat(entries.Select(static entry => $"  - predicate: {entry.Predicate}\n    on_match: {entry.OnMatch}\n"));

    [Fact]
    public void The_first_entry_of_a_list_that_matches_wins()
    {
        var matcher = Of(List(
            (Single(Header("x-a"), "value_match: { prefix: a }"), Action("one")),
            (Single(Header("x-a"), "value_match: { exact: abc }"), Action("two")),
            (Single(Header("x-b"), "value_match: { safe_regex: { google_re2: {}, regex: '[0-9]+' } }"), Action("three"))) + $"on_no_match: {Action("none")}");
        Assert.Equal("one", matcher.For(("x-a", "abc")));
        Assert.Equal("three", matcher.For(("x-a", "b"), ("x-b", "12")));
        Assert.Equal("none", matcher.For(("x-b", "12a")));
    }

    [Fact]
    public void Predicates_are_joined_by_and_or_and_not()
    {
        var a = Single(Header("x-a"), "value_match: { exact: a }");
        var b = Single(Header("x-b"), "value_match: { exact: b }");
        var matcher = Of(List(
            ($"{{ and_matcher: {{ predicate: [{a}, {b}] }} }}", Action("both")),
            ($"{{ or_matcher: {{ predicate: [{a}, {b}] }} }}", Action("either")),
            ($"{{ not_matcher: {Single(Header("x-c"), "value_match: { exact: c }")} }}", Action("neither"))));
        Assert.Equal("both", matcher.For(("x-a", "a"), ("x-b", "b")));
        Assert.Equal("either", matcher.For(("x-b", "b")));
        Assert.Equal("neither", matcher.For());
        Assert.Null(matcher.For(("x-c", "c")));
    }

    [Fact]
    public void Several_headers_of_one_name_are_one_value()
        => Assert.Equal("yes", Of(List((Single(Header("x-a"), "value_match: { exact: 'a,b' }"), Action("yes")))).For(("x-a", "a"), ("x-a", "b")));

    [Fact]
    public void A_map_finds_exact_values()
    {
        var matcher = Of($"matcher_tree: {{ input: {Header("x-a")}, exact_match_map: {{ map: {{ a: {Action("one")}, b: {Action("two")} }} }} }}\non_no_match: {Action("none")}");
        Assert.Equal("one", matcher.For(("x-a", "a")));
        Assert.Equal("two", matcher.For(("x-a", "b")));
        Assert.Equal("none", matcher.For(("x-a", "ab")));
        Assert.Equal("none", matcher.For());
    }

    [Fact]
    public void A_prefix_map_takes_the_longest_prefix_that_leads_somewhere()
    {
        var inner = $"{{ matcher: {{ matcher_tree: {{ input: {Header("x-b")}, exact_match_map: {{ map: {{ b: {Action("inner")} }} }} }} }} }}";
        var matcher = Of($"matcher_tree: {{ input: {Header("x-a")}, prefix_match_map: {{ map: {{ /: {Action("root")}, /a: {Action("a")}, /a/b: {inner} }} }} }}");
        Assert.Equal("root", matcher.For(("x-a", "/x")));
        Assert.Equal("a", matcher.For(("x-a", "/abc")));
        Assert.Equal("inner", matcher.For(("x-a", "/a/b/c"), ("x-b", "b")));
        Assert.Equal("a", matcher.For(("x-a", "/a/b/c"), ("x-b", "no")));
        Assert.Null(matcher.For(("x-a", "x")));
    }

    [Fact]
    public void What_is_not_known_yet_leaves_it_undecided()
    {
        var response = Input("envoy.type.matcher.v3.HttpResponseHeaderMatchInput", "header_name: x-r");
        var matcher = Of(List((Single(response, "value_match: { exact: r }"), Action("r")), (Single(Header("x-a"), "value_match: { exact: a }"), Action("a"))));
        Assert.Equal("?", matcher.For(("x-a", "a")));
        var headers = new HeaderMap();
        Routes.Add(headers, "x-r", "r");
        Assert.Equal("r", matcher.Result(new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { RequestHeaders = new HeaderMap(), ResponseHeaders = headers }));
    }

    [Fact]
    public void Query_parameters_are_decoded()
    {
        var input = Input("envoy.type.matcher.v3.HttpRequestQueryParamMatchInput", "query_param: 'a b'");
        var matcher = Of(List((Single(input, "value_match: { exact: 'x/y' }"), Action("yes"))));
        var data = new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { RequestHeaders = Routes.Request("/p?q=1&a%20b=x%2Fy&a%20b=z") };
        Assert.Equal("yes", matcher.Result(data));
    }

    [Theory]
    [InlineData("envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput", "503")]
    [InlineData("envoy.type.matcher.v3.HttpResponseStatusCodeClassMatchInput", "5xx")]
    public void The_status_is_an_input(string input, string value)
    {
        var matcher = Of(List((Single(Input(input), $"value_match: {{ exact: '{value}' }}"), Action("yes"))));
        var headers = new HeaderMap();
        Routes.Add(headers, ":status", "503");
        Assert.Equal("yes", matcher.Result(new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { ResponseHeaders = headers }));
    }

    [Fact]
    public void The_longest_range_of_addresses_wins_and_an_exclusive_one_only_when_it_is_the_longest()
    {
        static string Range(string prefix, int bits, string onMatch, bool exclusive = false)
            => $"{{ ranges: [{{ address_prefix: {prefix}, prefix_len: {bits} }}], on_match: {onMatch}, exclusive: {(exclusive ? "true" : "false")} }}";
        var dead = $"{{ matcher: {{ matcher_tree: {{ input: {Header("x-a")}, exact_match_map: {{ map: {{ a: {Action("deep")} }} }} }} }} }}";
        var source = Input("envoy.extensions.matching.common_inputs.network.v3.SourceIPInput");
        var matcher = Of($"""
            matcher_tree:
              input: {source}
              custom_match:
                name: ip
                typed_config:
                  "@type": type.googleapis.com/xds.type.matcher.v3.IPMatcher
                  range_matchers:
                  - {Range("0.0.0.0", 0, Action("all"))}
                  - {Range("10.0.0.0", 8, Action("ten"), exclusive: true)}
                  - {Range("10.1.0.0", 16, dead)}
                  - {Range("'fd00::'", 8, Action("six"))}
            """);
        Assert.Equal("all", matcher.ForClient("192.0.2.1"));
        Assert.Equal("ten", matcher.ForClient("10.2.0.1"));
        Assert.Equal("all", matcher.ForClient("10.1.0.1"));
        Assert.Equal("six", matcher.ForClient("fd00::1"));
        Assert.Null(matcher.ForClient("2001:db8::1"));
    }

    [Fact]
    public void Domains_are_found_exactly_then_by_the_longest_suffix()
    {
        var matcher = Of($"""
            matcher_tree:
              input: {Header("x-host")}
              custom_match:
                name: domains
                typed_config:
                  "@type": type.googleapis.com/xds.type.matcher.v3.ServerNameMatcher
                  domain_matchers:
                  - domains: [example.com, "*.b.example.com"]
                    on_match: {Action("exact")}
                  - domains: ["*.example.com"]
                    on_match: {Action("suffix")}
                  - domains: ["*"]
                    on_match: {Action("any")}
            """);
        Assert.Equal("exact", matcher.For(("x-host", "example.com")));
        Assert.Equal("exact", matcher.For(("x-host", "a.b.example.com")));
        Assert.Equal("suffix", matcher.For(("x-host", "b.example.com")));
        Assert.Equal("any", matcher.For(("x-host", "example.org")));
    }

    [Theory]
    [InlineData("a.com, a.com", "Duplicate domain in ServerNameMatcher: a.com")]
    [InlineData("'a*.com'", "Invalid wildcard domain format: a*.com. Only '*' and '*.domain' patterns are supported")]
    [InlineData("'*.a.*'", "Invalid wildcard domain format: *.a.*. Multiple wildcards are not supported")]
    public void Domains_that_are_none_are_refused(string domains, string fault)
        => Assert.Equal([fault], Faults($"matcher_tree: {{ input: {Header("x")}, custom_match: {{ name: d, typed_config: {{ \"@type\": type.googleapis.com/xds.type.matcher.v3.ServerNameMatcher, domain_matchers: [{{ domains: [{domains}], on_match: {Action("x")} }}] }} }} }}"));

    [Fact]
    public void Custom_matchers_look_at_addresses_and_hashes()
    {
        var source = Input("envoy.extensions.matching.common_inputs.network.v3.SourceIPInput");
        const string Inputs = "type.googleapis.com/envoy.extensions.matching.input_matchers.";
        var matcher = Of(List(
            (Single(source, $"custom_match: {{ name: m, typed_config: {{ \"@type\": {Inputs}ip.v3.Ip, stat_prefix: p, cidr_ranges: [{{ address_prefix: 10.0.0.0, prefix_len: 8 }}] }} }}"), Action("ip")),
            (Single(source, $"custom_match: {{ name: m, typed_config: {{ \"@type\": {Inputs}runtime_fraction.v3.RuntimeFraction, runtime_fraction: {{ default_value: {{ numerator: 0 }} }} }} }}"), Action("never")),
            (Single(source, $"custom_match: {{ name: m, typed_config: {{ \"@type\": {Inputs}consistent_hashing.v3.ConsistentHashing, modulo: 100, threshold: 0 }} }}"), Action("hash"))));
        Assert.Equal("ip", matcher.ForClient("10.0.0.1"));
        Assert.Equal("hash", matcher.ForClient("11.0.0.1"));
    }

    private const string Cel = "xds.type.matcher.v3.HttpAttributesCelMatchInput";

    private static string Expression(string text)
        => $"custom_match: {{ name: m, typed_config: {{ \"@type\": type.googleapis.com/xds.type.matcher.v3.CelMatcher, expr_match: {{ cel_expr_string: \"{text}\" }} }} }}";

    [Fact]
    public void An_expression_over_the_requests_attributes_is_matched()
    {
        var matcher = Of(List((Single(Input(Cel), Expression("request.method == 'GET' && request.headers['x-a'] == 'b'")), Action("yes"))));
        Assert.Equal("yes", matcher.For(("x-a", "b")));
        Assert.Null(matcher.For(("x-a", "c")));
        Assert.Null(matcher.For());
    }

    [Theory]
    [InlineData("cel_expr_parsed: { expr: { const_expr: { bool_value: true } } }", "yes")]
    [InlineData("cel_expr_checked: { expr: { const_expr: { bool_value: true } } }", "yes")]
    [InlineData("cel_expr_checked: { expr: { const_expr: { bool_value: false } } }, cel_expr_parsed: { expr: { const_expr: { bool_value: true } } }", null)]
    [InlineData("parsed_expr: { expr: { const_expr: { bool_value: false } } }, cel_expr_parsed: { expr: { const_expr: { bool_value: true } } }", "yes")]
    public void An_expression_may_come_parsed_and_the_newer_form_counts(string expression, string? action)
    {
        var matched = $"custom_match: {{ name: m, typed_config: {{ \"@type\": type.googleapis.com/xds.type.matcher.v3.CelMatcher, expr_match: {{ {expression} }} }} }}";
        Assert.Equal(action, Of(List((Single(Input(Cel), matched), Action("yes")))).For());
    }

    [Fact]
    public void A_fault_in_an_expression_is_reported()
        => Assert.Contains(Faults(List((Single(Input(Cel), Expression("request.method ==")), Action("yes")))), static fault => fault.StartsWith("Not able to parse expression", StringComparison.Ordinal));

    [Theory]
    [InlineData("string_match: { exact: red }", "", "yes")]
    [InlineData("string_match: { exact: blue }", "", null)]
    [InlineData("string_match: { exact: blue }", ", invert: true", "yes")]
    [InlineData("present_match: true", "", "yes")]
    public void A_value_of_dynamic_metadata_is_matched(string value, string rest, string? action)
    {
        var input = Input("envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput", "filter: teams, path: [{ key: colour }]");
        var matcher = Of(List((Single(input, $"custom_match: {{ name: m, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.matching.input_matchers.metadata.v3.Metadata, value: {{ {value} }}{rest} }} }}"), Action("yes"))));
        var info = new StreamInfo();
        info.DynamicMetadata.Set("teams", "colour", "red"u8);
        Assert.Equal(action, matcher.Result(new MatchData(info, RuntimeSnapshot.Empty) { RequestHeaders = Routes.Request("/") }));
    }

    [Fact]
    public void An_input_and_its_matcher_must_be_of_one_data_type()
    {
        Assert.Contains("Unsupported data input type: cel_data_input. The matcher supports input type: string", Faults(List((Single(Input(Cel), "value_match: { exact: a }"), Action("yes")))));
        Assert.Contains("Unsupported data input type: string. The matcher supports input type: cel_data_input", Faults(List((Single(Header("x-a"), Expression("true")), Action("yes")))));
        Assert.Contains(
            "Unsupported data input type: cel_data_input, currently only string type is supported in map matcher",
            Faults($"matcher_tree: {{ input: {Input(Cel)}, exact_match_map: {{ map: {{ a: {Action("yes")} }} }} }}"));
    }

    [Fact]
    public void A_connection_is_matched_before_it_has_a_filter_chain()
    {
        const string Network = "envoy.extensions.matching.common_inputs.network.v3.";
        NetAddress.TryParseIP("127.0.0.1", 5000, out var client);
        NetAddress.TryParseIP("192.0.2.7", 443, out var server);
        var connection = new FilterChainMatchInput
        {
            LocalAddress = server,
            RemoteAddress = client,
            DirectRemoteAddress = client,
            ServerName = "a.example",
            TransportProtocol = "tls",
            ApplicationProtocols = ["h2", "http/1.1"],
        };
        foreach (var (input, expected) in new[]
        {
            ("DestinationIPInput", "192.0.2.7"), ("DestinationPortInput", "443"), ("SourceIPInput", "127.0.0.1"), ("SourcePortInput", "5000"),
            ("DirectSourceIPInput", "127.0.0.1"), ("SourceTypeInput", "local"), ("ServerNameInput", "a.example"), ("TransportProtocolInput", "tls"),
            ("ApplicationProtocolInput", "'h2','http/1.1'"),
        })
        {
            var matcher = Of(List((Single(Input(Network + input), $"value_match: {{ exact: \"{expected}\" }}"), Action("yes"))), MatchScope.Connection);
            Assert.Equal("yes", matcher.Result(new MatchData(in connection, RuntimeSnapshot.Empty)));
        }
    }

    [Fact]
    public void An_input_of_requests_is_none_of_connections()
        => Assert.Contains("Didn't find a registered implementation for 'i'", Faults(List((Single(Header("x"), "value_match: { exact: a }"), Action("a"))), MatchScope.Connection)[0], StringComparison.Ordinal);

    [Fact]
    public void Matching_allocates_nothing()
    {
        var matcher = Of($"matcher_tree: {{ input: {Header("x-a")}, prefix_match_map: {{ map: {{ a: {Action("one")}, ab: {Action("two")} }} }} }}");
        var headers = Routes.Request("/", headers: ("x-a", "abc"));
        var info = new StreamInfo();
        Assert.Equal(0, Allocations.Of(() => matcher.Result(new MatchData(info, RuntimeSnapshot.Empty) { RequestHeaders = headers })));
    }
}
