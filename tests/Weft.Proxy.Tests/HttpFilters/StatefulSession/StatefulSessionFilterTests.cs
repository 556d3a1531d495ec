using System.Text;
using Envoy.Extensions.Filters.Http.StatefulSession.V3;
using Weft.Base.Stats;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.HttpFilters.StatefulSession;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Clusters;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.StatefulSession;

public sealed class StatefulSessionFilterTests
{
    private const string Header = "session_state: { name: h, typed_config: { '@type': type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState, name: x-session } }";

    private static string Cookie(string more = "") =>
        $"session_state: {{ name: c, typed_config: {{ '@type': type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState, cookie: {{ name: sid{more} }} }} }}";

    private static FakeStream Stream(string config) => new(Filters.One("stateful_session.v3.StatefulSession", config));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Wish(FakeStream stream) => stream.Info.OverrideHost.IsSet ? Encoding.UTF8.GetString(stream.Info.OverrideHost.Address) : "-";

    [Fact]
    public void A_header_carries_the_address_there_and_back()
    {
        using var stream = Stream(Header);
        stream.Request(Routes.Request("/", headers: ("x-session", Base64("10.0.0.7:80"))));
        Assert.Equal("10.0.0.7:80", Wish(stream));
        Assert.False(stream.Info.OverrideHost.IsStrict);
        stream.Info.UpstreamEndpoint = TestEndpoints.Create(8);
        var response = new HeaderMap();
        stream.Response(response);
        Assert.Equal(Base64("10.0.0.8:80"), response.Get("x-session"));
    }

    [Fact]
    public void A_client_that_is_where_it_wants_to_be_is_told_nothing()
    {
        using var stream = Stream(Header + ", strict: true");
        var endpoint = TestEndpoints.Create(7);
        stream.Request(Routes.Request("/", headers: ("x-session", Base64(endpoint.AddressText))));
        Assert.True(stream.Info.OverrideHost.IsStrict);
        stream.Info.UpstreamEndpoint = endpoint;
        var response = new HeaderMap();
        stream.Response(response);
        Assert.False(response.Has(new HeaderName("x-session")));
    }

    [Fact]
    public void Without_an_endpoint_nothing_is_written()
    {
        using var stream = Stream(Header);
        stream.Request(Routes.Request("/"));
        Assert.Equal("-", Wish(stream));
        var response = new HeaderMap();
        stream.Response(response);
        Assert.Equal(0, response.Count);
    }

    [Theory]
    [InlineData("!!!")]
    [InlineData("")]
    public void What_is_no_base64_is_no_wish(string value)
    {
        using var stream = Stream(Header);
        stream.Request(Routes.Request("/", headers: ("x-session", value)));
        Assert.Equal("-", Wish(stream));
    }

    [Fact]
    public void A_cookie_comes_back_as_the_wish_that_it_was_made_for()
    {
        using var stream = Stream(Cookie(", ttl: 60s, path: /app"));
        stream.Request(Routes.Request("/app"));
        stream.Info.UpstreamEndpoint = TestEndpoints.Create(7);
        var response = new HeaderMap();
        stream.Response(response);
        var cookie = response.Get("set-cookie");
        Assert.StartsWith("sid=\"", cookie, StringComparison.Ordinal);
        Assert.EndsWith("\"; Max-Age=60; Path=/app; HttpOnly", cookie, StringComparison.Ordinal);
        stream.End();
        stream.Request(Routes.Request("/app/x", headers: ("cookie", "a=b; " + cookie.Split(';')[0])));
        Assert.Equal("10.0.0.7:80", Wish(stream));
    }

    [Fact]
    public void A_session_cookie_holds_the_address_alone()
    {
        using var stream = Stream(Cookie());
        stream.Request(Routes.Request("/"));
        stream.Info.UpstreamEndpoint = TestEndpoints.Create(7);
        var response = new HeaderMap();
        stream.Response(response);
        // Field 1, 11 bytes: as Envoy writes it.
        Assert.Equal($"sid=\"{Base64("\n\v10.0.0.7:80")}\"; HttpOnly", response.Get("set-cookie"));
    }

    [Fact]
    public void An_expired_cookie_and_one_that_lies_do_no_harm()
    {
        Span<byte> message = stackalloc byte[100];
        var length = SessionCookie.Write("10.0.0.7:80"u8, 1000, message);
        using var stream = Stream(Cookie());
        stream.Request(Routes.Request("/", headers: ("cookie", "sid=" + Convert.ToBase64String(message[..length]))));
        Assert.Equal("-", Wish(stream));
        stream.End();
        stream.Request(Routes.Request("/", headers: ("cookie", "sid=" + Base64("\n\u007fshort"))));
        Assert.Equal("\n\u007fshort", Wish(stream));
    }

    [Theory]
    [InlineData("/app", "/app", true)]
    [InlineData("/app", "/app/x", true)]
    [InlineData("/app", "/app?x", true)]
    [InlineData("/app", "/apple", false)]
    [InlineData("/app/", "/app", false)]
    [InlineData("/", "/x", true)]
    public void A_cookie_counts_within_its_path(string path, string request, bool counts)
    {
        using var stream = Stream(Cookie($", path: {path}"));
        stream.Request(Routes.Request(request, headers: ("cookie", "sid=" + Base64("10.0.0.7:80"))));
        Assert.Equal(counts ? "10.0.0.7:80" : "-", Wish(stream));
    }

    [Fact]
    public void A_route_can_switch_it_off()
    {
        using var stream = Stream(Header);
        stream.Overrides = [StatefulSessionConfig.OfRoute(Filters.Read<StatefulSessionPerRoute>("disabled: true"), null!)];
        stream.Request(Routes.Request("/", headers: ("x-session", Base64("10.0.0.7:80"))));
        Assert.Equal("-", Wish(stream));
    }

    [Theory]
    [InlineData("", "10.0.0.7:80", 7, "routed")]
    [InlineData("", "10.0.0.7:80", 8, "failed_open")]
    [InlineData(", strict: true", "10.0.0.7:80", 0, "failed_closed")]
    [InlineData("", "10.0.0.7:80", 0, "")]
    [InlineData("", "", 7, "no_session")]
    [InlineData("", "", 0, "")]
    public void What_becomes_of_sessions_is_counted(string more, string wish, byte endpoint, string counted)
    {
        var context = Routes.Context(new ConfigContext());
        using var stream = new FakeStream(Filters.One("stateful_session.v3.StatefulSession", Header + ", stat_prefix: mine" + more, context));
        stream.Request(wish.Length == 0 ? Routes.Request("/") : Routes.Request("/", headers: ("x-session", Base64(wish))));
        if (endpoint == 0)
            stream.Info.ResponseFlags = ResponseFlags.NoHealthyUpstream;
        else
            stream.Info.UpstreamEndpoint = TestEndpoints.Create(endpoint);
        stream.Response(new HeaderMap());
        foreach (var name in (string[])["routed", "failed_open", "failed_closed", "no_session"])
            Assert.Equal(name == counted ? 1 : 0, context.Stats.Scope("http.test.stateful_session.mine.").Counter(name).Value);
    }

    [Fact]
    public void Without_a_prefix_nothing_is_counted()
    {
        var context = Routes.Context(new ConfigContext());
        using var stream = new FakeStream(Filters.One("stateful_session.v3.StatefulSession", Header, context));
        var all = new List<Statistic>();
        context.Stats.List(all);
        Assert.DoesNotContain(all, statistic => statistic.Name.Contains("stateful_session", StringComparison.Ordinal));
    }
}
