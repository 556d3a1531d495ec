using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Router;

public sealed class InternalRedirectTests : IDisposable
{
    private readonly TestUpstream _web = new();
    private readonly TestUpstream _other = new();

    public void Dispose()
    {
        _web.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void A_redirect_is_followed_without_the_client()
    {
        using var bench = Start("internal_redirect_policy: { response_headers_to_copy: [x-token] }");
        var client = bench.Get("x-token: old");
        Redirect(bench, 302, "http://there/path?q=1#part", "x-token: new");
        var second = _other.Accept(bench);
        var head = second.Read();
        Assert.StartsWith("GET /path?q=1 HTTP/1.1\r\nhost: there\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-envoy-original-url: http://a/\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nx-token: new\r\n", head, StringComparison.Ordinal);
        second.Answer(200, "there");
        Assert.EndsWith("there", client.Read(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (bench.Counter("upstream_internal_redirect_succeeded_total"), bench.Counter("upstream_internal_redirect_failed_total")));
        Assert.Equal((null, 1L), (bench.Printed("cluster.web.upstream_rq_302"), bench.Printed("cluster.other.upstream_rq_200")));
    }

    [Fact]
    public void A_body_is_sent_again_after_307_and_dropped_after_303()
    {
        using var bench = Start("internal_redirect_policy: { redirect_response_codes: [303, 307], max_internal_redirects: 2 }");
        bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
        var first = _web.Accept(bench);
        first.Read();
        first.Fail(307, "location: http://there/");
        Assert.EndsWith("\r\n\r\nabc", _other.Accept(bench).Read(), StringComparison.Ordinal);

        bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
        var again = _web.Accept(bench);
        again.Read();
        again.Fail(303, "location: http://there/");
        var get = _other.Accept(bench).Read();
        Assert.StartsWith("GET / HTTP/1.1\r\n", get, StringComparison.Ordinal);
        Assert.DoesNotContain("content-length", get, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "/relative", "passthrough_internal_redirect_bad_location")]
    [InlineData("", "ftp://there/", "passthrough_internal_redirect_bad_location")]
    [InlineData("", "https://there/", "passthrough_internal_redirect_unsafe_scheme")]
    [InlineData("", "http://nowhere/", "passthrough_internal_redirect_no_route")]
    [InlineData("max_internal_redirects: 0", "http://there/", "passthrough_internal_redirect_too_many_redirects")]
    [InlineData("allow_cross_scheme_redirect: true, predicates: [{ name: p, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.internal_redirect.safe_cross_scheme.v3.SafeCrossSchemeConfig } }]",
        "https://there/", "passthrough_internal_redirect_predicate")]
    [InlineData("predicates: [{ name: p, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.internal_redirect.allow_listed_routes.v3.AllowListedRoutesConfig, allowed_route_names: [x] } }]",
        "http://there/", "passthrough_internal_redirect_predicate")]
    public void A_redirect_that_must_not_be_followed_is_the_clients(string policy, string location, string counter)
    {
        using var bench = Start($"internal_redirect_policy: {{ {policy} }}");
        var client = bench.Get();
        Redirect(bench, 302, location);
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 302 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\r\nlocation: {location}\r\n", answer, StringComparison.Ordinal);
        Assert.Equal((1, 1), (bench.Http(counter), bench.Counter("upstream_internal_redirect_failed_total")));
    }

    [Fact]
    public void The_same_way_is_taken_once_with_previous_routes()
    {
        using var bench = Start("internal_redirect_policy: { max_internal_redirects: 9, predicates: [{ name: p, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig } }] }");
        var client = bench.Get();
        Redirect(bench, 302, "http://a/again");
        Redirect(bench, 302, "http://a/more");
        Assert.Contains("\r\nlocation: http://a/more\r\n", client.Read(), StringComparison.Ordinal);
        Assert.Equal((1, 1), (bench.Counter("upstream_internal_redirect_succeeded_total"), bench.Http("passthrough_internal_redirect_predicate")));
    }

    [Fact]
    public void A_status_that_is_not_listed_and_a_body_beyond_the_limit_are_passed_on()
    {
        var bench = new RouterBench();
        using var owner = bench;
        bench.AddCluster("web", [_web]);
        bench.Start("- { match: { prefix: / }, per_request_buffer_limit_bytes: 2, route: { cluster: web, internal_redirect_policy: { redirect_response_codes: [307] } } }");
        var client = bench.Get();
        Redirect(bench, 302, "http://a/");
        Assert.StartsWith("HTTP/1.1 302 ", client.Read(), StringComparison.Ordinal);
        var large = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
        Redirect(bench, 307, "http://a/");
        Assert.StartsWith("HTTP/1.1 307 ", large.Read(), StringComparison.Ordinal);
        Assert.Equal(1, bench.Counter("upstream_internal_redirect_failed_total"));
    }

    [Fact]
    public void Headers_that_name_the_target_cannot_be_copied()
        => Assert.Contains(":-prefixed headers or Hosts may not be specified here.", Routes.FaultsOfRoutes(
            "- match: { prefix: / }\n  route: { cluster: c, internal_redirect_policy: { response_headers_to_copy: [':path'] } }"));

    private void Redirect(RouterBench bench, int status, string location, params string[] headers)
    {
        var upstream = _web.Accept(bench);
        upstream.Read();
        upstream.Fail(status, [$"location: {location}", .. headers]);
    }

    private RouterBench Start(string route)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [_web]);
        bench.AddCluster("other", [_other]);
        bench.Start($$"""
            - { name: there, match: { prefix: /, headers: [{ name: ":authority", string_match: { exact: there } }] }, route: { cluster: other } }
            - { name: here, match: { prefix: /, headers: [{ name: ":authority", string_match: { exact: a } }] }, route: { cluster: web, {{route}} } }
            """);
        return bench;
    }
}
