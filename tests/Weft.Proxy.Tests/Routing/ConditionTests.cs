using Weft.Proxy.Routing;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;

namespace Weft.Proxy.Tests.Routing;

public class ConditionTests
{
    [Theory]
    [InlineData("name: x, string_match: { exact: a }", "a", true)]
    [InlineData("name: x, string_match: { exact: a }", "A", false)]
    [InlineData("name: x, string_match: { exact: a, ignore_case: true }", "A", true)]
    [InlineData("name: x, string_match: { prefix: Ab, ignore_case: true }", "aBc", true)]
    [InlineData("name: x, string_match: { suffix: bC, ignore_case: true }", "aBc", true)]
    [InlineData("name: x, string_match: { contains: B, ignore_case: true }", "abc", true)]
    [InlineData("name: x, string_match: { contains: B }", "abc", false)]
    [InlineData("name: x, string_match: { safe_regex: { regex: 'a.c' } }", "abc", true)]
    [InlineData("name: x, string_match: { safe_regex: { regex: 'a.c' } }", "abcd", false)]
    [InlineData("name: x, exact_match: abc", "abc", true)]
    [InlineData("name: x, exact_match: ''", "whatever", true)]
    [InlineData("name: x, exact_match: ''", null, false)]
    [InlineData("name: x, safe_regex_match: { google_re2: {}, regex: '.*bc' }", "abc", true)]
    [InlineData("name: x, prefix_match: ab", "abc", true)]
    [InlineData("name: x, suffix_match: bc", "abc", true)]
    [InlineData("name: x, contains_match: b", "abc", true)]
    [InlineData("name: x, range_match: { start: -10, end: 0 }", "-1", true)]
    [InlineData("name: x, range_match: { start: -10, end: 0 }", "0", false)]
    [InlineData("name: x, range_match: { start: -10, end: 0 }", "-10", true)]
    [InlineData("name: x, range_match: { start: -10, end: 0 }", "somestring", false)]
    [InlineData("name: x, range_match: { start: -10, end: 0 }", "-1.5", false)]
    [InlineData("name: x, range_match: { start: -10, end: 0 }", "-1something", false)]
    [InlineData("name: x, range_match: { start: 1, end: 10 }, invert_match: true", "10", true)]
    [InlineData("name: x, present_match: true", "", true)]
    [InlineData("name: x, present_match: true", null, false)]
    [InlineData("name: x, present_match: false", null, true)]
    [InlineData("name: x, present_match: false", "a", false)]
    [InlineData("name: x, present_match: true, invert_match: true", null, true)]
    [InlineData("name: x, present_match: false, invert_match: true", "a", true)]
    [InlineData("name: x, present_match: true, treat_missing_header_as_empty: true", null, true)]
    [InlineData("name: x", "a", true)]
    [InlineData("name: x", null, false)]
    [InlineData("name: x, invert_match: true", null, true)]
    [InlineData("name: x, string_match: { exact: a }, invert_match: true", "b", true)]
    [InlineData("name: x, string_match: { exact: a }, invert_match: true", null, false)]
    [InlineData("name: x, string_match: { exact: a }, invert_match: true, treat_missing_header_as_empty: true", null, true)]
    [InlineData("name: x, string_match: { safe_regex: { regex: 'a*' } }, treat_missing_header_as_empty: true", null, true)]
    [InlineData("name: X, string_match: { exact: a }", "a", true)]
    public void A_header_is_matched(string matcher, string? value, bool matches)
    {
        var table = Routes.OfRoutes($"- {{ match: {{ prefix: /, headers: [{{ {matcher} }}] }}, route: {{ cluster: c }} }}");
        var request = Routes.Request("/");
        if (value is not null) Routes.Add(request, "x", value);
        Assert.Equal(matches ? "c" : null, table.NameFor(request));
    }

    [Theory]
    [InlineData("name: user, string_match: { exact: ann }", "user=ann", true)]
    [InlineData("name: user, string_match: { exact: ann }", "a=b; user=\"ann\"", true)]
    [InlineData("name: user, string_match: { exact: ann }", "user=bob; user=ann", false)]
    [InlineData("name: user, string_match: { exact: ann }", "username=ann", false)]
    [InlineData("name: user, string_match: { exact: ann }", null, false)]
    [InlineData("name: user, string_match: { safe_regex: { regex: 'a.*' } }", "user=ann", true)]
    [InlineData("name: user, string_match: { exact: ann }, invert_match: true", "user=bob", true)]
    [InlineData("name: user, string_match: { exact: ann }, invert_match: true", "user=ann", false)]
    [InlineData("name: user, string_match: { exact: ann }, invert_match: true", null, true)]
    public void A_cookie_is_matched(string matcher, string? cookies, bool matches)
    {
        var table = Routes.OfRoutes($"- {{ match: {{ prefix: /, cookies: [{{ {matcher} }}] }}, route: {{ cluster: c }} }}");
        var request = Routes.Request("/");
        if (cookies is not null) Routes.Add(request, "cookie", cookies);
        Assert.Equal(matches ? "c" : null, table.NameFor(request));
    }

    [Fact]
    public void All_cookies_must_match_in_whatever_headers_they_are()
    {
        var table = Routes.OfRoutes("- { match: { prefix: /, cookies: [{ name: a, string_match: { exact: '1' } }, { name: b, string_match: { exact: '2' } }] }, route: { cluster: c } }");
        Assert.Equal("c", table.NameFor(Routes.Request("/", headers: [("cookie", "a=1"), ("cookie", "b=2")])));
        Assert.Null(table.NameFor(Routes.Request("/", headers: [("cookie", "a=1")])));
    }

    [Fact]
    public void Headers_of_one_name_are_one_value()
    {
        var table = Routes.OfRoutes("- { match: { prefix: /, headers: [{ name: x, string_match: { exact: 'a,b' } }] }, route: { cluster: c } }");
        Assert.Equal("c", table.NameFor(Routes.Request("/", headers: [("x", "a"), ("x", "b")])));
        Assert.Null(table.NameFor(Routes.Request("/", headers: [("x", "a")])));
        Assert.Null(table.NameFor(Routes.Request("/", headers: [("x", "a"), ("x", "b"), ("x", "")])));
    }

    [Fact]
    public void Pseudo_headers_and_the_host_are_matched_too()
    {
        var table = Routes.OfRoutes("- { match: { prefix: /, headers: [{ name: ':method', string_match: { exact: POST } }, { name: host, string_match: { prefix: a. } }] }, route: { cluster: c } }");
        Assert.Equal("c", table.NameFor(Routes.Request("/", "a.b", "POST")));
        Assert.Null(table.NameFor(Routes.Request("/", "a.b")));
        Assert.Null(table.NameFor(Routes.Request("/", "b.b", "POST")));
    }

    [Fact]
    public void All_headers_must_match()
    {
        var table = Routes.OfRoutes("""
            - { match: { prefix: /, headers: [{ name: a, present_match: true }, { name: b, present_match: true }] }, route: { cluster: both } }
            - { match: { prefix: / }, route: { cluster: rest } }
            """);
        Assert.Equal("both", table.NameFor(Routes.Request("/", headers: [("a", "1"), ("b", "1")])));
        Assert.Equal("rest", table.NameFor(Routes.Request("/", headers: [("a", "1")])));
    }

    [Theory]
    [InlineData("name: debug", "/?debug", true)]
    [InlineData("name: debug", "/?debug=2", true)]
    [InlineData("name: debug", "/?x=debug", false)]
    [InlineData("name: debug", "/", false)]
    [InlineData("name: debug, present_match: true", "/?a=b&debug", true)]
    [InlineData("name: debug, present_match: false", "/?a=b", true)]
    [InlineData("name: debug, present_match: false", "/?debug", false)]
    [InlineData("name: id, string_match: { exact: foo }", "/?id=foo", true)]
    [InlineData("name: id, string_match: { exact: foo }", "/?id=bar&id=foo", false)]
    [InlineData("name: id, string_match: { prefix: fo }", "/?x&id=foo", true)]
    [InlineData("name: id, string_match: { exact: 'a b' }", "/?id=a%20b", false)]
    [InlineData("name: id, string_match: { exact: '' }", "/?id", true)]
    [InlineData("name: id, string_match: { safe_regex: { regex: '[0-9]+' } }", "/?id=123", true)]
    public void A_query_parameter_is_matched_as_it_is_written(string matcher, string path, bool matches)
    {
        var table = Routes.OfRoutes($"- {{ match: {{ prefix: /, query_parameters: [{{ {matcher} }}] }}, route: {{ cluster: c }} }}");
        Assert.Equal(matches ? "c" : null, table.NameFor(path));
    }

    [Fact]
    public void A_share_of_requests_can_be_taken_and_runtime_can_change_it()
    {
        var table = Routes.OfRoutes("""
            - { match: { prefix: /, runtime_fraction: { default_value: { numerator: 30 }, runtime_key: shift } }, route: { cluster: new } }
            - { match: { prefix: / }, route: { cluster: old } }
            """);
        var request = Routes.Request("/");
        Assert.Equal("new", table.NameFor(request, 29));
        Assert.Equal("old", table.NameFor(request, 30));
        Assert.Equal("new", table.NameFor(request, 129));
        Assert.Equal("old", table.NameFor(request, 5, Routes.Runtime(("shift", "5"))));
        Assert.Equal("new", table.NameFor(request, 99, Routes.Runtime(("shift", "100"))));
        Assert.Equal("new", table.NameFor(request, 4999, Routes.Runtime(("shift", "{numerator: 5000, denominator: TEN_THOUSAND}"))));
        Assert.Equal("old", table.NameFor(request, 5000, Routes.Runtime(("shift", "{numerator: 5000, denominator: TEN_THOUSAND}"))));
        Assert.Equal("new", table.NameFor(request, 29, RuntimeSnapshot.Empty));
    }

    [Fact]
    public void What_filters_have_left_by_name_is_matched()
    {
        var table = Routes.OfRoutes("""
            - { match: { prefix: /, filter_state: [{ key: team, string_match: { prefix: red } }, { key: tier, string_match: { exact: gold } }] }, route: { cluster: c } }
            """);
        var info = new StreamInfo();
        var request = new RouteRequest(Routes.Request("/"), info, RuntimeSnapshot.Empty);
        Assert.Null(table.Match(request));
        info.FilterState.Set("team", new TextState("red-1"u8.ToArray()));
        Assert.Null(table.Match(request));
        info.FilterState.Set("tier", new TextState("gold"u8.ToArray()));
        Assert.NotNull(table.Match(request));
        info.FilterState.Set("team", new TextState("blue"u8.ToArray()));
        Assert.Null(table.Match(request));
        Assert.StartsWith("filter_state[0]", table.Explain(request).Tried[0].Mismatch, StringComparison.Ordinal);
    }
}
