using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.MatchDelegate;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;
using PerRoute = Envoy.Extensions.Common.Matching.V3.ExtensionWithMatcherPerRoute;

namespace Weft.Proxy.Tests.HttpFilters.Composite;

public sealed class CompositeFilterTests
{
    private const string ActionsKey = "envoy.extensions.filters.http.composite.matched_actions";

    private static string Mark(string value)
        => $$"""typed_config: { name: mark-{{value}}, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation, mutations: { request_mutations: [{ append: { header: { key: x-seen, value: {{value}} } } }], response_mutations: [{ append: { header: { key: x-seen, value: {{value}} } } }] } } }""";

    private static string Execute(string fields)
        => $$"""{ action: { name: execute, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.composite.v3.ExecuteFilterAction, {{fields}} } } }""";

    private static string Matcher(string input, string a, string b)
        => $$"""xds_matcher: { matcher_tree: { input: { name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.{{input}} } }, exact_match_map: { map: { a: {{a}}, b: {{b}}, "503": {{a}} } } } }""";

    private static string ByHeader(string a, string b) => Matcher("HttpRequestHeaderMatchInput, header_name: x-choose", a, b);

    private static string Chain(string matcher)
        => $$"""
            - { name: chosen, typed_config: { "@type": type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher, {{matcher}}{{(matcher.Length > 0 ? ", " : "")}}extension_config: { name: composite, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.composite.v3.Composite } } } }
            {{Filters.Router}}
            """;

    private static FakeStream Make(string matcher, FactoryContext? context = null) => new(Filters.Chain(Chain(matcher), context)[0]);

    private static (string Request, string Response) Run(FakeStream stream, string status = "200", params (string Name, string Value)[] headers)
    {
        var request = Routes.Request("/", headers: headers);
        stream.Request(request);
        var response = new HeaderMap();
        Routes.Add(response, ":status", status);
        stream.Response(response);
        stream.End();
        return (request.Get("x-seen"), response.Get("x-seen"));
    }

    [Fact]
    public void Each_request_goes_through_the_filter_that_the_matcher_chooses()
    {
        var context = Routes.Context(new ConfigContext());
        using var stream = Make(ByHeader(Execute(Mark("one")), Execute(Mark("two"))), context);
        Assert.Equal(("one", "one"), Run(stream, headers: ("x-choose", "a")));
        Assert.Equal(("two", "two"), Run(stream, headers: ("x-choose", "b")));
        Assert.Equal(("", ""), Run(stream));
        Assert.Equal(("one", "one"), Run(stream, headers: ("x-choose", "a")));
        Assert.Equal(3, context.Stats.Scope("http.test.composite.").Counter("filter_delegation_success").Value);
    }

    [Fact]
    public void What_has_been_carried_out_can_be_logged()
    {
        using var stream = Make(ByHeader(Execute(Mark("one")), Execute(Mark("two"))));
        stream.Request(Routes.Request("/", headers: ("x-choose", "b")));
        Assert.Equal("""{"chosen":"mark-two"}""", System.Text.Encoding.UTF8.GetString(stream.Info.FilterState.Find(ActionsKey)!.Text!));
    }

    [Fact]
    public void A_filter_that_the_response_chooses_sees_the_response_only()
    {
        using var stream = Make(Matcher("HttpResponseStatusCodeMatchInput", Execute(Mark("one")), Execute(Mark("two"))));
        Assert.Equal(("", "one"), Run(stream, "503"));
        Assert.Equal(("", ""), Run(stream));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(100, "one")]
    public void A_share_of_the_requests_can_be_sampled(int percent, string seen)
    {
        using var stream = Make(ByHeader(Execute($"{Mark("one")}, sample_percent: {{ default_value: {{ numerator: {percent} }} }}"), Execute(Mark("two"))));
        Assert.Equal((seen, seen), Run(stream, headers: ("x-choose", "a")));
    }

    [Fact]
    public void A_route_may_bring_its_own_matcher()
    {
        var context = Routes.Context(new ConfigContext());
        var chain = Filters.Chain(Chain(""), context);
        using var stream = new FakeStream(chain[0]);
        Assert.Equal(("", ""), Run(stream, headers: ("x-choose", "a")));
        stream.Overrides = [MatchDelegateRouteConfig.Create(Filters.Read<PerRoute>(ByHeader(Execute(Mark("one")), Execute(Mark("two")))), chain[0], context)];
        Assert.Equal(("one", "one"), Run(stream, headers: ("x-choose", "a")));
    }

    [Fact]
    public void Filters_are_made_once_per_stream()
    {
        using var stream = Make(ByHeader(Execute(Mark("one")), Execute(Mark("two"))));
        var (template, request) = (Routes.Request("/", headers: ("x-choose", "a")), new HeaderMap());
        Assert.Equal(0, Allocations.Of(() =>
        {
            request.CopyFrom(template);
            stream.Request(request);
            stream.End();
        }));
    }

    [Fact]
    public void A_terminal_filter_cannot_be_chosen()
        => Assert.Contains(
            "a terminal filter (r) ends a chain: it cannot be one of several",
            Filters.Faults(Chain(ByHeader(Execute("typed_config: { name: r, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }"), Execute(Mark("two"))))));

    [Fact]
    public void An_explanation_tells_which_filter_is_chosen()
    {
        var filter = Filters.Chain(Chain(ByHeader(Execute(Mark("one")), Execute(Mark("two")))))[0];
        var lines = filter.Explain(null, new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { RequestHeaders = Routes.Request("/", headers: ("x-choose", "b")), Trail = [] });
        Assert.Equal(["request header x-choose is 'b'", "the request goes through the filter mark-two"], lines);
    }
}
