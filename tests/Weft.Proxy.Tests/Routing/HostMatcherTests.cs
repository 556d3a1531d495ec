using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing;

public class HostMatcherTests
{
    private static string Host(string matcher, string rest = "") => $$"""
        name: r
        virtual_hosts:
        - name: v
          domains: ["*"]
        {{rest}}
          matcher: {{matcher}}
        """;

    private static string Input(string type) => $$"""{ name: i, typed_config: { "@type": type.googleapis.com/{{type}} } }""";

    private const string Header = """{ name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x-team } }""";

    private const string RouteA = """{ action: { name: route, typed_config: { "@type": type.googleapis.com/envoy.config.route.v3.Route, match: { prefix: /a }, route: { cluster: a } } } }""";

    private const string ListB = """{ action: { name: routes, typed_config: { "@type": type.googleapis.com/envoy.config.route.v3.RouteList, routes: [{ match: { prefix: /b }, route: { cluster: b } }, { match: { prefix: / }, route: { cluster: rest } }] } } }""";

    private static string Tree(string input = Header) => $$"""{ matcher_tree: { input: {{input}}, exact_match_map: { map: { a: {{RouteA}}, b: {{ListB}} } } } }""";

    [Fact]
    public void A_matcher_leads_to_a_route_or_a_list_of_routes()
    {
        var table = Routes.Table(Host(Tree()));
        Assert.Equal("a", table.NameFor(Routes.Request("/a/x", headers: ("x-team", "a"))));
        Assert.Null(table.NameFor(Routes.Request("/b", headers: ("x-team", "a"))));
        Assert.Equal("b", table.NameFor(Routes.Request("/b", headers: ("x-team", "b"))));
        Assert.Equal("rest", table.NameFor(Routes.Request("/c", headers: ("x-team", "b"))));
        Assert.Null(table.NameFor(Routes.Request("/c")));
    }

    [Fact]
    public void An_explanation_tells_what_the_matcher_looked_at()
    {
        var explanation = Routes.Table(Host(Tree())).Explain(new(Routes.Request("/b", headers: ("x-team", "b")), new StreamInfo(), RuntimeSnapshot.Empty));
        Assert.Equal(["request header x-team is 'b'"], explanation.Trail);
        Assert.Equal("b", explanation.Route!.Forward!.Cluster!.Name);
    }

    [Fact]
    public void A_virtual_host_has_routes_or_a_matcher()
        => Assert.Equal(["cannot set both matcher and routes on virtual host"], Routes.Faults(Host(Tree(), "  routes: [{ match: { prefix: / }, route: { cluster: c } }]")));

    [Fact]
    public void What_is_only_known_with_the_response_cannot_choose_a_route()
        => Assert.Equal(
            ["requirement violation while creating route match tree: INVALID_ARGUMENT: Route table can only match on request headers, saw type.googleapis.com/envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput"],
            Routes.Faults(Host(Tree(Input("envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput")))));

    [Fact]
    public void Clusters_of_routes_below_a_matcher_must_exist()
    {
        var names = Routes.Table(Host(Tree())).ReferencedClusters.Select(static cluster => cluster.Name);
        Assert.Equal(["a", "b", "rest"], names.Order());
    }
}
