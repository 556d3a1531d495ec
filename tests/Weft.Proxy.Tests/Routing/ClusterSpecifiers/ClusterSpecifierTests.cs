using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing.ClusterSpecifiers;

public class ClusterSpecifierTests
{
    private static string Action(string cluster)
        => $$"""{ action: { name: c, typed_config: { "@type": type.googleapis.com/envoy.extensions.router.cluster_specifiers.matcher.v3.ClusterAction, cluster: {{cluster}} } } }""";

    private static string Header(string type = "HttpRequestHeaderMatchInput, header_name: env") => $$"""{ name: i, typed_config: { "@type": type.googleapis.com/envoy.type.matcher.v3.{{type}} } }""";

    private static string Matcher(string input, string rest = "")
        => $$"""{ name: by-env, typed_config: { "@type": type.googleapis.com/envoy.extensions.router.cluster_specifiers.matcher.v3.MatcherClusterSpecifier, cluster_matcher: { matcher_tree: { input: {{input}}, exact_match_map: { map: { staging: {{Action("staging")}}, prod: {{Action("prod")}} } } }{{rest}} } } }""";

    private const string Lua = """{ name: lua, typed_config: { "@type": type.googleapis.com/envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig, source_code: { inline_string: x } } }""";

    private static string Table(string plugins, string routes) => $$"""
        name: r
        cluster_specifier_plugins: [{{plugins}}]
        virtual_hosts:
        - name: v
          domains: ["*"]
          routes:
          {{routes}}
        """;

    [Fact]
    public void A_plugin_inside_a_route_chooses_its_cluster()
    {
        var table = Routes.OfRoutes($$"""- { match: { prefix: / }, route: { inline_cluster_specifier_plugin: { extension: {{Matcher(Header(), ", on_no_match: " + Action("default"))}} } } }""");
        Assert.Equal("staging", table.NameFor(Routes.Request("/", headers: ("env", "staging"))));
        Assert.Equal("prod", table.NameFor(Routes.Request("/", headers: ("env", "prod"))));
        Assert.Equal("default", table.NameFor(Routes.Request("/")));
    }

    [Fact]
    public void A_request_that_the_matcher_leaves_out_has_a_route_and_no_cluster()
    {
        var table = Routes.OfRoutes($$"""- { name: "", match: { prefix: / }, route: { inline_cluster_specifier_plugin: { extension: {{Matcher(Header())}} } } }""");
        Assert.NotNull(table.Match(Routes.Request("/")));
        Assert.Null(table.NameFor(Routes.Request("/")));
    }

    [Fact]
    public void Routes_share_a_plugin_of_the_table_by_its_name()
    {
        var table = Routes.Table(Table($$"""{ extension: {{Matcher(Header())}} }""", "- { match: { prefix: / }, route: { cluster_specifier_plugin: by-env } }"));
        Assert.Equal("prod", table.NameFor(Routes.Request("/", headers: ("env", "prod"))));
    }

    [Fact]
    public void A_plugin_that_does_not_exist_is_a_fault()
        => Assert.Equal(
            ["Unknown cluster specifier plugin name: nobody is used in the route"],
            Routes.Faults(Table("", "- { match: { prefix: / }, route: { cluster_specifier_plugin: nobody } }")));

    [Fact]
    public void A_plugin_that_is_not_implemented_is_a_fault()
        => Assert.Contains(
            "Didn't find a registered implementation for 'lua' with type URL: 'envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig'",
            Routes.Faults(Table($$"""{ extension: {{Lua}} }""", "- { match: { prefix: / }, route: { cluster_specifier_plugin: lua } }")));

    [Fact]
    public void Routes_with_an_optional_plugin_that_is_not_implemented_are_left_out()
    {
        var table = Routes.Table(Table($$"""{ extension: {{Lua}}, is_optional: true }""", """
            - { match: { prefix: /a }, route: { cluster_specifier_plugin: lua } }
              - { match: { prefix: /b }, route: { inline_cluster_specifier_plugin: { extension: LUA, is_optional: true } } }
              - { match: { prefix: / }, route: { cluster: rest } }
            """.Replace("LUA", Lua, StringComparison.Ordinal)));
        Assert.Equal("rest", table.NameFor("/a"));
        Assert.Equal("rest", table.NameFor("/b"));
    }

    [Fact]
    public void What_is_only_known_with_the_response_cannot_choose_a_cluster()
        => Assert.Contains(
            "requirement violation while creating route match tree: INVALID_ARGUMENT: Route table can only match on request headers, saw type.googleapis.com/envoy.type.matcher.v3.HttpResponseStatusCodeMatchInput",
            Routes.FaultsOfRoutes($$"""- { match: { prefix: / }, route: { inline_cluster_specifier_plugin: { extension: {{Matcher(Header("HttpResponseStatusCodeMatchInput"))}} } } }"""));

    [Fact]
    public void Choosing_a_cluster_allocates_nothing()
    {
        var table = Routes.OfRoutes($$"""- { match: { prefix: / }, route: { inline_cluster_specifier_plugin: { extension: {{Matcher(Header())}} } } }""");
        var headers = Routes.Request("/", headers: ("env", "prod"));
        var info = new StreamInfo();
        Assert.Equal(0, Allocations.Of(() =>
        {
            var request = new RouteRequest(headers, info, RuntimeSnapshot.Empty);
            table.Match(request)!.Forward!.SelectCluster(request);
        }));
    }
}
