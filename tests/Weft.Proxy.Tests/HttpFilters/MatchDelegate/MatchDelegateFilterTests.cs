using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters.MatchDelegate;
using Weft.Proxy.Tests.Routing;
using PerRoute = Envoy.Extensions.Common.Matching.V3.ExtensionWithMatcherPerRoute;

namespace Weft.Proxy.Tests.HttpFilters.MatchDelegate;

public sealed class MatchDelegateFilterTests
{
    private const string Mutations = """extension_config: { name: inner, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation, mutations: { request_mutations: [{ append: { header: { key: x-seen, value: request } } }], response_mutations: [{ append: { header: { key: x-seen, value: response } } }] } } }""";

    private static string Skip(string input, string value)
        => $$"""xds_matcher: { matcher_list: { matchers: [{ predicate: { single_predicate: { input: { name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.{{input}} } }, value_match: { exact: "{{value}}" } } }, on_match: { action: { name: skip, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.common.matcher.action.v3.SkipFilter } } } }] } }""";

    private static FakeStream Make(string matcher)
        => new(Filters.Chain($"- {{ name: tested, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher, {matcher}{(matcher.Length > 0 ? ", " : "")}{Mutations} }} }}\n{Filters.Router}")[0]);

    private static (string Request, string Response) Run(FakeStream stream, string status, params (string Name, string Value)[] headers)
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
    public void Requests_pass_the_filter_by_as_the_matcher_says()
    {
        using var stream = Make(Skip("HttpRequestHeaderMatchInput, header_name: x-skip", "yes"));
        Assert.Equal(("", ""), Run(stream, "200", ("x-skip", "yes")));
        Assert.Equal(("request", "response"), Run(stream, "200", ("x-skip", "no")));
        Assert.Equal(("request", "response"), Run(stream, "200"));
    }

    [Fact]
    public void What_the_request_leaves_open_the_response_decides()
    {
        using var stream = Make(Skip("HttpResponseStatusCodeMatchInput", "503"));
        Assert.Equal(("request", ""), Run(stream, "503"));
        Assert.Equal(("request", "response"), Run(stream, "200"));
    }

    [Fact]
    public void A_route_may_bring_another_matcher_and_without_any_all_requests_pass_by()
    {
        using var stream = Make("");
        Assert.Equal(("", ""), Run(stream, "200"));
        stream.Overrides = [MatchDelegateRouteConfig.Create(Filters.Read<PerRoute>(Skip("HttpRequestHeaderMatchInput, header_name: x-skip", "yes")), null, Routes.Context(new ConfigContext()))];
        Assert.Equal(("request", "response"), Run(stream, "200"));
        Assert.Equal(("", ""), Run(stream, "200", ("x-skip", "yes")));
    }
}
