using Weft.Config;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.Csrf;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.Csrf;

public sealed class CsrfFilterTests
{
    private const string On = "filter_enabled: { default_value: { numerator: 100 } }";

    [Theory]
    [InlineData("POST", "origin", "http://host", true)]
    [InlineData("POST", "origin", "http://evil.com", false)]
    [InlineData("DELETE", "origin", "http://evil.com/path", false)]
    [InlineData("GET", "origin", "http://evil.com", true)]
    [InlineData("PUT", "referer", "http://host/page?x=http://evil", true)]
    [InlineData("PUT", "referer", "http://evil.com/http://host", false)]
    [InlineData("PATCH", "origin", "https://good.com:8443", true)]
    [InlineData("PATCH", "origin", "http://host@evil.com", false)]
    [InlineData("POST", "origin", "null", false)]
    [InlineData("POST", "x-nothing", "", false)]
    public void Only_pages_of_the_same_or_a_named_origin_may_change_something(string method, string header, string value, bool allowed)
    {
        using var stream = new FakeStream(Filters.One("csrf.v3.CsrfPolicy", $"{On}, additional_origins: [{{ exact: 'good.com:8443' }}]"));
        var status = stream.Request(Routes.Request("/", method: method, headers: (header, value)));
        Assert.Equal(allowed ? FilterStatus.Continue : FilterStatus.Ended, status);
        if (!allowed)
            Assert.Equal((403, "Invalid origin", "csrf_origin_mismatch"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
    }

    [Fact]
    public void In_shadow_requests_are_counted_and_not_refused()
    {
        var factory = (CsrfFilterFactory)Filters.One("csrf.v3.CsrfPolicy", "filter_enabled: { default_value: { numerator: 0 } }, shadow_enabled: { default_value: { numerator: 100 } }");
        using var stream = new FakeStream(factory);
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", method: "POST", headers: ("origin", "http://evil.com"))));
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", method: "POST")));
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", method: "POST", headers: ("origin", "http://host"))));
        Assert.Equal((1, 1, 1), (factory.RequestInvalid.Value, factory.MissingSourceOrigin.Value, factory.RequestValid.Value));
    }

    [Fact]
    public void A_route_has_a_policy_of_its_own()
    {
        using var stream = new FakeStream(Filters.One("csrf.v3.CsrfPolicy", On));
        var policy = Filters.Read<Envoy.Extensions.Filters.Http.Csrf.V3.CsrfPolicy>("filter_enabled: { default_value: { numerator: 0 } }");
        stream.Overrides = [CsrfPolicyConfig.Create(policy, Routes.Context(new ConfigContext()))];
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", method: "POST")));
    }

    [Fact]
    public void The_share_of_requests_must_be_given() => Assert.NotEmpty(Filters.FaultsOfOne("csrf.v3.CsrfPolicy", ""));
}
