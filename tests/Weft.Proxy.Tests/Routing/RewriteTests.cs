using Weft.Http;

namespace Weft.Proxy.Tests.Routing;

public class RewriteTests
{
    [Theory]
    [InlineData("prefix: /api", "prefix_rewrite: /", "/api/v1?x", "//v1?x")]
    [InlineData("prefix: /api/", "prefix_rewrite: /", "/api/v1?x", "/v1?x")]
    [InlineData("prefix: /api", "prefix_rewrite: /other", "/api", "/other")]
    [InlineData("path: /api", "prefix_rewrite: /exact", "/api?x=/api", "/exact?x=/api")]
    [InlineData("path_separated_prefix: /rest/api", "prefix_rewrite: /new/api", "/rest/api/v1?p=1#f", "/new/api/v1?p=1#f")]
    [InlineData("safe_regex: { regex: '/b.*' }", "prefix_rewrite: /", "/bar/baz?q", "/?q")]
    [InlineData("prefix: /, case_sensitive: false", "prefix_rewrite: /x/", "/A", "/x/A")]
    [InlineData("prefix: /", "regex_rewrite: { pattern: { google_re2: {}, regex: '^/service/([^/]+)(/.*)$' }, substitution: '\\2/instance/\\1' }", "/service/foo/v1/api?x", "/v1/api/instance/foo?x")]
    [InlineData("prefix: /", "regex_rewrite: { pattern: { regex: one }, substitution: two }", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/two/zzz")]
    [InlineData("prefix: /", "regex_rewrite: { pattern: { regex: '^(.*?)one(.*)$' }, substitution: '\\1two\\2' }", "/xxx/one/yyy/one/zzz", "/xxx/two/yyy/one/zzz")]
    [InlineData("prefix: /", "regex_rewrite: { pattern: { regex: '(?i)/xxx/' }, substitution: /yyy/ }", "/aaa/XxX/bbb", "/aaa/yyy/bbb")]
    [InlineData("prefix: /", "regex_rewrite: { pattern: { regex: a }, substitution: '[\\0\\\\]' }", "/bab", @"/b[a\]b")]
    public void The_path_is_rewritten_and_its_query_kept(string match, string action, string path, string expected)
    {
        var table = Routes.OfRoutes($"- match: {{ {match} }}\n  route: {{ cluster: c, {action} }}");
        var request = Routes.Request(path);
        table.Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal(expected, request.Get(":path"));
        Assert.Equal(path, request.Get("x-envoy-original-path"));
    }

    [Fact]
    public void Without_a_rewrite_nothing_changes()
    {
        var request = Routes.Request("/a?b");
        Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c } }").Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal("/a?b", request.Get(":path"));
        Assert.False(request.Has(KnownHeader.XEnvoyOriginalPath));
        Assert.False(request.Has(KnownHeader.XEnvoyOriginalHost));
    }

    [Theory]
    [InlineData("host_rewrite_literal: new", "new")]
    [InlineData("host_rewrite_header: x-host", "from-header")]
    [InlineData("host_rewrite_header: absent", "host")]
    [InlineData("host_rewrite_path_regex: { pattern: { regex: '^/(.+)/.+$' }, substitution: '\\1' }", "tenant")]
    public void The_host_is_rewritten(string action, string expected)
    {
        var table = Routes.OfRoutes($"- match: {{ prefix: / }}\n  route: {{ cluster: c, {action} }}");
        var request = Routes.Request("/tenant/x?a/b", headers: ("x-host", "from-header"));
        table.Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal(expected, request.Get(":authority"));
        Assert.Equal(expected == "host" ? "" : "host", request.Get("x-envoy-original-host"));
        Assert.Equal("", request.Get("x-forwarded-host"));
    }

    [Theory]
    [InlineData(null, "host")]
    [InlineData("first", "first,host")]
    [InlineData("first, host", "first, host")]
    public void The_old_host_can_be_kept_in_x_forwarded_host(string? before, string after)
    {
        var table = Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c, host_rewrite_literal: new, append_x_forwarded_host: true } }");
        var request = Routes.Request("/");
        if (before is not null) Routes.Add(request, "x-forwarded-host", before);
        table.Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal(after, request.Get("x-forwarded-host"));
    }

    [Fact]
    public void Originals_are_not_told_when_suppressed()
    {
        var table = Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c, host_rewrite_literal: new, prefix_rewrite: /x } }");
        var request = Routes.Request("/");
        table.Match(request)!.Forward!.Rewrite(request, Routes.Format(request), keepOriginal: false);
        Assert.Equal("/x", request.Get(":path"));
        Assert.False(request.Has(KnownHeader.XEnvoyOriginalPath) || request.Has(KnownHeader.XEnvoyOriginalHost));
    }

    [Theory]
    [InlineData("prefix_rewrite: /x, regex_rewrite: { pattern: { regex: a }, substitution: b }", "Specify only one of prefix_rewrite, regex_rewrite or path_rewrite_policy")]
    [InlineData("regex_rewrite: { pattern: { regex: 'a(' }, substitution: b }", "missing ): a(")]
    [InlineData("regex_rewrite: { pattern: { regex: 'a' }, substitution: '\\1' }", @"invalid substitution: \1 when the expression has 0 group(s)")]
    [InlineData("regex_rewrite: { pattern: { regex: 'a' }, substitution: '\\x' }", "invalid substitution: a backslash must be followed by a digit or a backslash")]
    [InlineData("upgrade_configs: [{ upgrade_type: websocket }, { upgrade_type: WebSocket }]", "Duplicate upgrade WebSocket")]
    public void A_wrong_action_is_reported(string action, string fault)
        => Assert.Contains(fault, Routes.FaultsOfRoutes($"- match: {{ prefix: / }}\n  route: {{ cluster: c, {action} }}"));

    [Fact]
    public void Broken_UTF8_in_a_path_survives_a_rewrite_that_does_not_fit_it()
    {
        var table = Routes.OfRoutes("- { match: { prefix: / }, route: { cluster: c, regex_rewrite: { pattern: { regex: a }, substitution: b } } }");
        var request = Routes.Request("/a");
        request.Set(KnownHeader.Path, [(byte)'/', (byte)'a', 0xFF]);
        table.Match(request)!.Forward!.Rewrite(request, Routes.Format(request));
        Assert.Equal([(byte)'/', (byte)'a', 0xFF], request.Get(KnownHeader.Path).ToArray());
    }
}
