using Weft.Proxy.Routing;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing.Explaining;

public sealed class ExplainTests
{
    private const string Yaml = """
        name: r
        virtual_hosts:
        - name: api
          domains: [api.test]
          routes:
          - { match: { prefix: /a, headers: [{ name: x-v, string_match: { exact: '2' } }] }, route: { cluster: two } }
          - { match: { safe_regex: { regex: '/a/\d+' } }, name: numbers, route: { cluster: numbers } }
          - { match: { prefix: /a, query_parameters: [{ name: q, present_match: true }] }, route: { cluster: query } }
          - { match: { prefix: /share, runtime_fraction: { default_value: { numerator: 10 }, runtime_key: share } }, route: { cluster: share } }
          - { match: { prefix: /grpc, grpc: {} }, route: { cluster: grpc } }
          - { match: { path: /exact }, redirect: { host_redirect: other.test } }
        - name: secure
          domains: [secure.test]
          require_tls: ALL
          routes: [{ match: { prefix: / }, route: { cluster: s } }]
        """;

    private static readonly RouteTable s_table = Routes.Table(Yaml);

    [Fact]
    public void Every_route_that_was_tried_says_what_it_misses()
    {
        var request = new RouteRequest(Routes.Request("/b?x", "api.test", headers: ("x-v", "1")), new StreamInfo(), Weft.Proxy.Runtime.RuntimeSnapshot.Empty);
        var explanation = s_table.Explain(request);
        Assert.Null(explanation.Route);
        Assert.Equal(6, explanation.Tried.Count);
        Assert.Equal("prefix '/a' does not match the path '/b'", explanation.Tried[0].Mismatch);
    }

    [Theory]
    [InlineData("/a", "headers[0]")]
    [InlineData("/share", "runtime_fraction 10/100 (runtime key share) is not drawn by the random value 50")]
    [InlineData("/grpc", "grpc: the content-type is not application/grpc")]
    public void Conditions_are_named(string path, string text)
    {
        var request = new RouteRequest(Routes.Request(path, "api.test"), new StreamInfo { RandomValue = 50 }, Weft.Proxy.Runtime.RuntimeSnapshot.Empty);
        Assert.Contains(s_table.Explain(request).Tried, tried => tried.Mismatch?.StartsWith(text, StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [InlineData("/a", "2", "api.test")]
    [InlineData("/a/12", "1", "api.test")]
    [InlineData("/a?q=1", "1", "api.test")]
    [InlineData("/exact", "1", "api.test")]
    [InlineData("/share", "1", "api.test")]
    [InlineData("/none", "1", "api.test")]
    [InlineData("/", "1", "secure.test")]
    [InlineData("/", "1", "unknown.test")]
    public void The_explanation_ends_where_the_request_would(string path, string version, string host)
    {
        foreach (var random in new ulong[] { 5, 50 })
        {
            var request = new RouteRequest(Routes.Request(path, host, headers: ("x-v", version)), new StreamInfo { RandomValue = random }, Weft.Proxy.Runtime.RuntimeSnapshot.Empty);
            Assert.Same(s_table.Match(request), s_table.Explain(request).Route);
        }
    }
}
