using Weft.Http;

namespace Weft.Proxy.Tests.Routing;

public class PathMatchTests
{
    [Theory]
    [InlineData("prefix: /foo", "/foo", true)]
    [InlineData("prefix: /foo", "/foobar", true)]
    [InlineData("prefix: /foo", "/Foo", false)]
    [InlineData("prefix: /foo", "/fo", false)]
    [InlineData("prefix: /foo, case_sensitive: false", "/FOObar", true)]
    [InlineData("prefix: \"/foo?\"", "/foo?", false)]
    [InlineData("path: /foo", "/foo", true)]
    [InlineData("path: /foo", "/foo?a=b", true)]
    [InlineData("path: /foo", "/foo/", false)]
    [InlineData("path: /foo, case_sensitive: false", "/fOO", true)]
    [InlineData("path_separated_prefix: /api", "/api", true)]
    [InlineData("path_separated_prefix: /api", "/api/v1", true)]
    [InlineData("path_separated_prefix: /api", "/api?x", true)]
    [InlineData("path_separated_prefix: /api", "/apis", false)]
    [InlineData("path_separated_prefix: /api, case_sensitive: false", "/API/v1", true)]
    [InlineData("safe_regex: { regex: \"/b[io]t\" }", "/bit", true)]
    [InlineData("safe_regex: { regex: \"/b[io]t\" }", "/bite", false)]
    [InlineData("safe_regex: { regex: \"/b[io]t\" }", "/x/bit", false)]
    [InlineData("safe_regex: { regex: \"/b[io]t\" }", "/bot?query=x", true)]
    [InlineData("safe_regex: { google_re2: {}, regex: \"^/v1/.*$\" }", "/v1/x", true)]
    [InlineData("safe_regex: { google_re2: { max_program_size: 1 }, regex: \"/v1/.*\" }", "/v1/x", true)]
    public void A_path_is_matched_without_its_query(string match, string path, bool matches)
    {
        var table = Routes.OfRoutes($"- {{ match: {{ {match} }}, route: {{ cluster: c }} }}");
        Assert.Equal(matches ? "c" : null, table.NameFor(path));
    }

    [Fact]
    public void The_first_route_that_matches_wins()
    {
        var table = Routes.OfRoutes("""
            - { match: { prefix: /a/b }, route: { cluster: one } }
            - { match: { prefix: /a }, route: { cluster: two } }
            - { match: { path: /a/b/c }, route: { cluster: never } }
            """);
        Assert.Equal("one", table.NameFor("/a/b/c"));
        Assert.Equal("two", table.NameFor("/a/c"));
        Assert.Null(table.NameFor("/b"));
    }

    [Fact]
    public void Path_parameters_can_be_ignored()
    {
        var table = Routes.Table("""
            ignore_path_parameters_in_path_matching: true
            virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { path: /a }, route: { cluster: c } }] }]
            """);
        Assert.Equal("c", table.NameFor("/a;x=1?q"));
        Assert.Null(Routes.OfRoutes("- { match: { path: /a }, route: { cluster: c } }").NameFor("/a;x=1"));
    }

    [Fact]
    public void Connect_matches_with_and_without_a_path()
    {
        var table = Routes.OfRoutes("""
            - { match: { connect_matcher: {} }, route: { cluster: tunnel } }
            - { match: { prefix: / }, route: { cluster: c } }
            """);
        var connect = Routes.Request("/", "host:443", "CONNECT");
        Assert.Equal("tunnel", table.NameFor(connect));
        connect.Remove(KnownHeader.Path);
        Assert.Equal("tunnel", table.NameFor(connect));
        Assert.Equal("c", table.NameFor("/"));
        Assert.Null(Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c } }").NameFor(connect));
    }

    [Fact]
    public void A_grpc_route_takes_only_grpc_requests()
    {
        var table = Routes.OfRoutes("- { match: { prefix: /, grpc: {} }, route: { cluster: c } }");
        Assert.Null(table.NameFor("/"));
        Assert.Equal("c", table.NameFor(Routes.Request("/", headers: ("content-type", "application/grpc"))));
        Assert.Equal("c", table.NameFor(Routes.Request("/", headers: ("content-type", "application/grpc+proto"))));
        Assert.Null(table.NameFor(Routes.Request("/", headers: ("content-type", "application/grpc-web"))));
    }

    [Fact]
    public void A_wrong_expression_is_reported_in_the_words_of_RE2()
        => Assert.Contains(@"invalid perl operator: (?=: /a(?=b)", Routes.FaultsOfRoutes(@"- { match: { safe_regex: { regex: '/a(?=b)' } }, route: { cluster: c } }"));

    [Theory]
    [InlineData("ALL", "http", null, true)]
    [InlineData("ALL", "https", null, false)]
    [InlineData("ALL", "http", "true", true)]
    [InlineData("EXTERNAL_ONLY", "http", null, true)]
    [InlineData("EXTERNAL_ONLY", "http", "true", false)]
    [InlineData("NONE", "http", null, false)]
    public void Virtual_hosts_can_require_TLS(string requirement, string scheme, string? isInternal, bool redirects)
    {
        var table = Routes.Table($$"""
            virtual_hosts: [{ name: v, domains: ["*"], require_tls: {{requirement}}, routes: [{ match: { prefix: / }, route: { cluster: c } }] }]
            """);
        var request = Routes.Request("/a?b", "host:80");
        request.Set(KnownHeader.XForwardedProto, System.Text.Encoding.ASCII.GetBytes(scheme));
        if (isInternal is not null) Routes.Add(request, "x-envoy-internal", isInternal);
        var redirect = table.Match(request)!.Redirect;
        Assert.Equal(redirects ? "https://host:80/a?b" : null, redirect?.Location(request));
    }
}
