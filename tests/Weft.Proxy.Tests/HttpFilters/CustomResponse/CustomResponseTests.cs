using Weft.Proxy.Tests.HttpFilters.Router;

namespace Weft.Proxy.Tests.HttpFilters.CustomResponse;

public sealed class CustomResponseTests
{
    [Fact]
    public void A_local_response_stands_in_for_the_upstream_s()
    {
        using var upstream = new TestUpstream();
        using var bench = With(Local("4xx", "status_code: 499, body: { inline_string: not allowed }, response_headers_to_add: [ { header: { key: foo, value: x-bar } } ]"), upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(403, "the upstream says no", "x-own: 1");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 499 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nfoo: x-bar\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("x-own", answer, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nnot allowed|", answer, StringComparison.Ordinal);

        // The next request on the pooled stream is another story.
        client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        var next = upstream.Accept(bench);
        next.Read();
        next.Answer(200, "fine");
        Assert.EndsWith("fine", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_status_the_original_one_stays_and_the_format_sees_the_original_response()
    {
        using var upstream = new TestUpstream();
        using var bench = With(Local("4xx", "body: { inline_string: sorry }, body_format: { text_format_source: { inline_string: '%LOCAL_REPLY_BODY% %RESP(x-own)% %RESPONSE_CODE%' } }"), upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(404, "nothing", "x-own: 1");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nsorry 1 404|", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_of_the_proxy_itself_is_replaced_too()
    {
        using var bench = With(Local("5xx", "status_code: 500, body: { inline_string: later }"), new TestUpstream().Refusing());
        var answer = bench.Get().Read();
        Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nlater|", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("upstream connect error", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Responses_that_no_matcher_knows_pass()
    {
        using var upstream = new TestUpstream();
        using var bench = With(Local("4xx", "status_code: 499"), upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(503, "as it is");
        Assert.EndsWith("as it is", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_most_specific_configuration_that_knows_the_response_counts()
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start(
            $$"""
            - match: { prefix: / }
              route: { cluster: web }
              typed_per_filter_config: { tested: { "@type": {{Filters.Type("custom_response.v3.CustomResponse")}}, {{Local("4xx", "status_code: 444")}} } }
            """,
            filters: Filter(Local("5xx", "status_code: 555")));
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Fail(400);
        Assert.StartsWith("HTTP/1.1 444 ", client.Read(), StringComparison.Ordinal);
        client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        peer = upstream.Accept(bench);
        peer.Read();
        peer.Fail(500);
        Assert.StartsWith("HTTP/1.1 555 ", client.Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_redirected_request_gets_the_answer_of_the_other_url_under_the_original_status()
    {
        using var upstream = new TestUpstream();
        using var errors = new TestUpstream();
        using var bench = Redirecting("uri: 'http://errors.test/gateway_error?x=1#f', request_headers_to_add: [ { header: { key: x-why, value: '%RESP(:status)%' } } ], response_headers_to_add: [ { header: { key: foo2, value: x-bar2 } } ]", upstream, errors);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(502, "bad gateway");
        var other = errors.Accept(bench);
        var request = other.Read();
        Assert.StartsWith("GET /gateway_error?x=1 HTTP/1.1\r\nhost: errors.test\r\n", request, StringComparison.Ordinal);
        Assert.Contains("\r\nx-why: 502\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("content-length: 3", request, StringComparison.Ordinal);
        other.Answer(200, "we are sorry");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 502 ", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nfoo2: x-bar2\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nwe are sorry", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_the_proxy_s_own_is_redirected_once_and_with_the_configured_status()
    {
        using var errors = new TestUpstream();
        using var bench = Redirecting("status_code: 299, redirect_action: { host_redirect: errors.test, path_redirect: /sorry }", new TestUpstream().Refusing(), errors);
        var client = bench.Get();
        var other = errors.Accept(bench);
        Assert.StartsWith("GET /sorry HTTP/1.1\r\nhost: errors.test\r\n", other.Read(), StringComparison.Ordinal);
        other.Answer(503, "broken too");
        var answer = client.Read();
        Assert.StartsWith("HTTP/1.1 299 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("broken too", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_route_for_the_url_the_response_stays()
    {
        using var upstream = new TestUpstream();
        using var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { path: / }, route: { cluster: web } }", filters: Filter(Redirect("uri: 'http://errors.test/none'")));
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(502, "as it is");
        Assert.EndsWith("as it is", client.Read(), StringComparison.Ordinal);
        Assert.Equal(1, bench.Http("custom_response_redirect_no_route"));
    }

    [Fact]
    public void A_request_that_is_not_complete_cannot_be_redirected()
    {
        using var upstream = new TestUpstream();
        using var errors = new TestUpstream();
        using var bench = Redirecting("uri: 'http://errors.test/'", upstream, errors);
        var client = bench.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabc");
        var peer = upstream.Accept(bench);
        peer.ReadUntil("abc");
        peer.Answer(502, "as it is");
        Assert.EndsWith("as it is", client.Read(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uri: errors.test/none", "Invalid uri specified for redirection for custom response: errors.test/none")]
    [InlineData("redirect_action: { prefix_rewrite: /x }", "prefix_rewrite is not supported for Custom Response")]
    [InlineData("redirect_action: { regex_rewrite: { pattern: { regex: a }, substitution: b } }", "regex_rewrite is not supported for Custom Response")]
    [InlineData("redirect_action: { path_redirect: '/x#y' }", "#fragment is not supported for custom response. Specified path_redirect is /x#y")]
    public void What_cannot_be_redirected_to_is_refused(string redirect, string fault) =>
        Assert.Contains(fault, Filters.FaultsOfOne("custom_response.v3.CustomResponse", Redirect(redirect)));

    [Fact]
    public void Answers_of_the_proxy_can_be_told_from_those_of_the_upstream()
    {
        var config = Matcher("'true'", "local_response_policy.v3.LocalResponsePolicy", "body: { inline_string: ours }", "HttpResponseLocalReplyMatchInput");
        using (var refused = With(config, new TestUpstream().Refusing()))
            Assert.Contains("\r\n\r\nours", refused.Get().Read(), StringComparison.Ordinal);
        using var upstream = new TestUpstream();
        using var bench = With(config, upstream);
        var client = bench.Get();
        var peer = upstream.Accept(bench);
        peer.Read();
        peer.Answer(503, "theirs");
        Assert.EndsWith("theirs", client.Read(), StringComparison.Ordinal);
    }

    private static RouterBench Redirecting(string redirect, TestUpstream upstream, TestUpstream errors)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.AddCluster("errors", [errors]);
        bench.Start("- { match: { prefix: /, headers: [ { name: ':authority', string_match: { exact: errors.test } } ] }, route: { cluster: errors } }\n- { match: { prefix: / }, route: { cluster: web } }", filters: Filter(Redirect(redirect)));
        return bench;
    }

    private static RouterBench With(string config, TestUpstream upstream)
    {
        var bench = new RouterBench();
        bench.AddCluster("web", [upstream]);
        bench.Start("- { match: { prefix: / }, route: { cluster: web } }", filters: Filter(config));
        return bench;
    }

    private static string Filter(string config) => $"- {{ name: tested, typed_config: {{ \"@type\": {Filters.Type("custom_response.v3.CustomResponse")}, {config} }} }}";

    private static string Local(string statusClass, string policy) => Matcher(statusClass, "local_response_policy.v3.LocalResponsePolicy", policy);

    private static string Redirect(string policy) => Matcher("5xx", "redirect_policy.v3.RedirectPolicy", policy);

    private static string Matcher(string value, string type, string policy, string input = "HttpResponseStatusCodeClassMatchInput") =>
        $"custom_response_matcher: {{ matcher_list: {{ matchers: [ {{ predicate: {{ single_predicate: {{ input: {{ name: status, typed_config: {{ \"@type\": type.googleapis.com/envoy.type.matcher.v3.{input} }} }}, "
        + $"value_match: {{ exact: {value} }} }} }}, on_match: {{ action: {{ name: act, typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.http.custom_response.{type}, {policy} }} }} }} }} ] }} }}";
}
