using System.Text;
using Weft.Http;

namespace Weft.Proxy.Tests.Routing;

public class RedirectTests
{
    [Theory]
    [InlineData("prefix: /", "https_redirect: true", "http", "www.a.com", "/x?y", "https://www.a.com/x?y")]
    [InlineData("prefix: /", "https_redirect: true", "http", "www.a.com:80", "/", "https://www.a.com/")]
    [InlineData("prefix: /", "https_redirect: true", "http", "www.a.com:8080", "/", "https://www.a.com:8080/")]
    [InlineData("prefix: /", "https_redirect: true", "http", "[fe80::1]:80", "/", "https://[fe80::1]/")]
    [InlineData("prefix: /", "https_redirect: true", "http", "[fe80::1]", "/", "https://[fe80::1]/")]
    [InlineData("prefix: /", "https_redirect: true", "https", "www.a.com:443", "/", "https://www.a.com:443/")]
    [InlineData("prefix: /", "scheme_redirect: ws", "https", "www.a.com:443", "/", "ws://www.a.com/")]
    [InlineData("prefix: /", "scheme_redirect: ftp", "http", "www.a.com:80", "/", "ftp://www.a.com/")]
    [InlineData("prefix: /", "host_redirect: new.com", "http", "www.a.com:80", "/x", "http://new.com/x")]
    [InlineData("prefix: /", "host_redirect: new.com, port_redirect: 8443, https_redirect: true", "http", "www.a.com", "/x", "https://new.com:8443/x")]
    [InlineData("prefix: /", "port_redirect: 8443", "http", "www.a.com:80", "/x", "http://www.a.com:8443/x")]
    [InlineData("prefix: /", "port_redirect: 8443", "http", "[::1]:1", "/x", "http://[::1]:8443/x")]
    [InlineData("prefix: /", "path_redirect: /new", "http", "a", "/old?q=1", "http://a/new?q=1")]
    [InlineData("prefix: /", "path_redirect: \"/new?own=1\"", "http", "a", "/old?q=1", "http://a/new?own=1")]
    [InlineData("prefix: /", "path_redirect: \"/new?own=1\", strip_query: true", "http", "a", "/old?q=1", "http://a/new?own=1")]
    [InlineData("prefix: /", "path_redirect: /new, strip_query: true", "http", "a", "/old?q=1", "http://a/new")]
    [InlineData("prefix: /", "path_redirect: new", "http", "a", "/old", "http://a/new")]
    [InlineData("prefix: /", "host_redirect: b, strip_query: true", "http", "a", "/old?q=1", "http://b/old")]
    [InlineData("prefix: /foo", "prefix_rewrite: /bar", "http", "a", "/foo/x?q", "http://a/bar/x?q")]
    [InlineData("prefix: /foo, case_sensitive: false", "prefix_rewrite: /bar", "http", "a", "/FOO/x", "http://a/bar/x")]
    [InlineData("path: /foo", "prefix_rewrite: /bar/", "http", "a", "/foo?q", "http://a/bar/?q")]
    [InlineData("safe_regex: { regex: '/f.*' }", "prefix_rewrite: /bar", "http", "a", "/foo/x?q", "http://a/bar?q")]
    [InlineData("prefix: /foo", "prefix_rewrite: bar, strip_query: true", "http", "a", "/foo/x?q", "http://a/bar/x")]
    [InlineData("prefix: /", "regex_rewrite: { pattern: { regex: '^/(.+)/(.+)$' }, substitution: '/\\2/\\1' }", "http", "a", "/x/y?q=/1/2", "http://a/y/x?q=/1/2")]
    public void The_location_of(string match, string redirect, string scheme, string host, string path, string expected)
    {
        var table = Routes.OfRoutes($"- match: {{ {match} }}\n  redirect: {{ {redirect} }}");
        var request = Routes.Request(path, host);
        request.Set(KnownHeader.Scheme, Encoding.ASCII.GetBytes(scheme));
        request.Set(KnownHeader.XForwardedProto, Encoding.ASCII.GetBytes(scheme));
        Assert.Equal(expected, table.Match(request)!.Redirect!.Location(request));
    }

    [Theory]
    [InlineData("", 301)]
    [InlineData("response_code: MOVED_PERMANENTLY", 301)]
    [InlineData("response_code: FOUND", 302)]
    [InlineData("response_code: SEE_OTHER", 303)]
    [InlineData("response_code: TEMPORARY_REDIRECT", 307)]
    [InlineData("response_code: PERMANENT_REDIRECT", 308)]
    public void The_status_of(string redirect, int status)
        => Assert.Equal(status, Routes.OfRoutes($"- match: {{ prefix: / }}\n  redirect: {{ {redirect} }}").Match(Routes.Request("/"))!.Redirect!.Status);

    [Fact]
    public void The_port_goes_by_the_client_s_connection_not_by_the_scheme_of_the_URL()
    {
        var request = Routes.Request("/", "a:443");
        request.Set(KnownHeader.Scheme, "http"u8);
        request.Set(KnownHeader.XForwardedProto, "https"u8);
        var table = Routes.OfRoutes("- match: { prefix: / }\n  redirect: { path_redirect: /x }");
        Assert.Equal("http://a/x", table.Match(request)!.Redirect!.Location(request));
    }
}
