using Envoy.Extensions.Filters.Http.Cors.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Cors;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Cors;

public sealed class CorsFilterTests : IDisposable
{
    private readonly FactoryContext _context = Routes.Context(new ConfigContext());
    private readonly CorsFilterFactory _factory;
    private readonly FakeStream _stream;

    public CorsFilterTests()
    {
        _factory = (CorsFilterFactory)Filters.One("cors.v3.Cors", "", _context);
        _stream = new FakeStream(_factory) { Route = Route("") };
        Policies("allow_origin_string_match: [{ exact: 'http://a.com' }, { suffix: '.b.com' }], allow_methods: 'GET, PUT', allow_headers: x-one, expose_headers: x-two, max_age: '60', allow_credentials: true");
    }

    public void Dispose() => _stream.Dispose();

    [Fact]
    public void A_preflight_of_an_allowed_origin_is_answered()
    {
        Assert.Equal(FilterStatus.Ended, _stream.Request(Preflight("http://a.com")));
        Assert.Equal((200, "", "cors_response"), (_stream.Reply!.Value.Status, _stream.Reply.Value.Body, _stream.Reply.Value.Details));
        var reply = _stream.LocalReplyHeaders;
        Assert.Equal(
            ("http://a.com", "true", "GET, PUT", "x-one", "60"),
            (reply.Get("access-control-allow-origin"), reply.Get("access-control-allow-credentials"), reply.Get("access-control-allow-methods"), reply.Get("access-control-allow-headers"), reply.Get("access-control-max-age")));
        Assert.Equal(1, _factory.OriginValid.Value);
    }

    [Fact]
    public void A_star_allows_what_the_preflight_asks_for()
    {
        Policies("allow_origin_string_match: [{ exact: '*' }], allow_methods: '*', allow_headers: '*'");
        _stream.Request(Preflight("http://any.com", ("access-control-request-headers", "x-a, x-b")));
        Assert.Equal(("PUT", "x-a, x-b"), (_stream.LocalReplyHeaders.Get("access-control-allow-methods"), _stream.LocalReplyHeaders.Get("access-control-allow-headers")));
    }

    [Theory]
    [InlineData("forward_not_matching_preflights: true", FilterStatus.Continue)]
    [InlineData("forward_not_matching_preflights: false", FilterStatus.Ended)]
    [InlineData("max_age: '1'", FilterStatus.Continue)]
    public void A_preflight_of_another_origin_goes_on_unless_the_policy_forbids_it(string policy, FilterStatus status)
    {
        Policies($"allow_origin_string_match: [{{ exact: 'http://a.com' }}], {policy}");
        Assert.Equal(status, _stream.Request(Preflight("http://evil.com")));
        Assert.Equal("", _stream.LocalReplyHeaders.Get("access-control-allow-origin"));
        Assert.Equal(1, _factory.OriginInvalid.Value);
    }

    [Theory]
    [InlineData("http://x.b.com", "http://x.b.com", "true", "x-two")]
    [InlineData("http://evil.com", "", "", "")]
    [InlineData("", "", "", "")]
    public void A_response_tells_which_origin_may_read_it(string origin, string allowed, string credentials, string exposed)
    {
        _stream.Request(Routes.Request("/", headers: ("origin", origin)));
        var response = new HeaderMap();
        _stream.Response(response);
        Assert.Equal((allowed, credentials, exposed), (response.Get("access-control-allow-origin"), response.Get("access-control-allow-credentials"), response.Get("access-control-expose-headers")));
    }

    [Fact]
    public void A_pooled_filter_forgets_the_origin_of_the_request_before()
    {
        _stream.Request(Routes.Request("/", headers: ("origin", "http://a.com")));
        _stream.End();
        _stream.Request(Routes.Request("/"));
        var response = new HeaderMap();
        _stream.Response(response);
        Assert.Equal("", response.Get("access-control-allow-origin"));
    }

    [Fact]
    public void A_route_says_what_its_virtual_host_leaves_open_or_says_otherwise()
    {
        Policies("allow_methods: DELETE", "allow_methods: GET, max_age: '5', allow_origin_string_match: [{ exact: 'http://a.com' }]");
        _stream.Request(Preflight("http://a.com"));
        Assert.Equal(("DELETE", "5"), (_stream.LocalReplyHeaders.Get("access-control-allow-methods"), _stream.LocalReplyHeaders.Get("access-control-max-age")));
    }

    [Fact]
    public void A_policy_in_shadow_counts_and_does_nothing()
    {
        Policies("allow_origin_string_match: [{ exact: 'http://a.com' }], filter_enabled: { default_value: { numerator: 0 }, runtime_key: cors.on }, shadow_enabled: { default_value: { numerator: 100 } }");
        Assert.Equal(FilterStatus.Continue, _stream.Request(Preflight("http://a.com")));
        Assert.Equal(1, _factory.OriginValid.Value);
        _context.Runtime.Set(("cors.on", "100"));
        Assert.Equal(FilterStatus.Ended, _stream.Request(Preflight("http://a.com")));
    }

    [Fact]
    public void Private_networks_are_allowed_when_asked_for()
    {
        Policies("allow_origin_string_match: [{ exact: 'http://a.com' }], allow_private_network_access: true");
        _stream.Request(Preflight("http://a.com", ("access-control-request-private-network", "true")));
        Assert.Equal("true", _stream.LocalReplyHeaders.Get("access-control-allow-private-network"));
    }

    [Fact]
    public void Without_a_policy_nothing_happens()
    {
        _stream.Overrides = [];
        Assert.Equal(FilterStatus.Continue, _stream.Request(Preflight("http://a.com")));
    }

    [Fact]
    public void The_deprecated_cors_of_a_route_holds_where_the_filter_has_no_configuration()
    {
        _stream.Overrides = [];
        _stream.Route = Route("cors: { allow_origin_string_match: [{ exact: 'http://a.com' }] }");
        Assert.Equal(FilterStatus.Ended, _stream.Request(Preflight("http://a.com")));
    }

    private static Weft.Proxy.Routing.Route Route(string action)
        => Routes.OfRoutes($"- {{ match: {{ prefix: / }}, route: {{ cluster: c, {action} }} }}").Match(Routes.Request("/"))!;

    private static HeaderMap Preflight(string origin, params (string, string)[] more)
        => Routes.Request("/", method: "OPTIONS", headers: [("origin", origin), ("access-control-request-method", "PUT"), .. more]);

    private void Policies(params string[] policies)
        => _stream.Overrides = [.. policies.Select(policy => CorsPolicyConfig.Create(Filters.Read<CorsPolicy>(policy), _context))];
}
