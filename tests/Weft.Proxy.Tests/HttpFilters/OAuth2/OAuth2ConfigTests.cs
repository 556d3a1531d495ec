using Envoy.Extensions.Filters.Http.Oauth2.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.OAuth2;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

public sealed class OAuth2ConfigTests
{
    [Fact]
    public void Without_a_configuration_only_routes_have_users_log_in()
    {
        var factory = (OAuth2FilterFactory)Filters.One("oauth2.v3.OAuth2", "", OAuth2Filters.Context());
        using var open = new FakeStream(factory);
        var headers = Routes.Request("/", headers: [("authorization", "mine")]);
        Assert.Equal((FilterStatus.Continue, "mine"), (open.Request(headers), Heads.Text(headers, "authorization")));
        using var closed = new FakeStream(factory) { Overrides = [OfRoute("")] };
        closed.Request(Routes.Request("/"));
        Assert.Equal(302, closed.ResponseHeaders!.Status);
    }

    [Fact]
    public void A_route_has_users_log_in_elsewhere()
    {
        var context = OAuth2Filters.Context();
        using var stream = new FakeStream(OAuth2Filters.Factory(context: context)) { Overrides = [OfRoute("stat_prefix: mine", "elsewhere", context)] };
        stream.Request(Routes.Request("/"));
        Assert.StartsWith("https://elsewhere.example.com/", Heads.Text(stream.ResponseHeaders!, "location"), StringComparison.Ordinal);
        Assert.Equal((1, 0), (context.Stats.Scope("mine.").Counter("oauth_unauthorized_rq").Value, context.Stats.Scope("http.test.").Counter("oauth_unauthorized_rq").Value));

        // The pooled filter's next request takes a route that says nothing.
        stream.End();
        stream.Overrides = [];
        stream.Request(Routes.Request("/"));
        Assert.StartsWith("https://idp.example.com/", Heads.Text(stream.ResponseHeaders!, "location"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_that_says_nothing_leaves_it_to_the_filter() => Assert.Null(OAuth2Flow.OfRoute(new OAuth2PerRoute(), OAuth2Filters.Context()));

    private static OAuth2Flow OfRoute(string more, string host = "idp", FactoryContext? context = null) => OAuth2Flow.OfRoute(
        Filters.Read<OAuth2PerRoute>(OAuth2Filters.Config(more, required: OAuth2Filters.Required.Replace("https://idp.", $"https://{host}.", StringComparison.Ordinal))), context ?? OAuth2Filters.Context())!;

    [Theory]
    [InlineData("forward_bearer_token: true, preserve_authorization_header: true", "invalid combination of forward_bearer_token and preserve_authorization_header configuration. If forward_bearer_token is set to true, then preserve_authorization_header must be false")]
    [InlineData("end_session_endpoint: 'https://idp.example.com/logout'", "OAuth2 filter: end session endpoint is only supported for OpenID Connect.")]
    [InlineData("retry_policy: { retry_back_off: { base_interval: 2s, max_interval: 1s } }", "max_interval must be greater than or equal to the base_interval")]
    public void What_does_not_fit_together_is_refused(string more, string fault) => Assert.Contains(fault, OAuth2Filters.Faults(OAuth2Filters.Config(more)));

    [Theory]
    [InlineData("idp.example.com/authorize")]
    [InlineData("https://")]
    public void An_authorization_endpoint_is_an_address(string address) => Assert.Contains(
        $"OAuth2 filter: invalid authorization endpoint URL '{address}' in config.",
        OAuth2Filters.Faults(OAuth2Filters.Config(required: OAuth2Filters.Required.Replace("https://idp.example.com/authorize", address, StringComparison.Ordinal))));

    [Theory]
    [InlineData("token_secret: { name: none }, hmac_secret: { name: hmac }", "invalid token secret configuration")]
    [InlineData("token_secret: { name: token }, hmac_secret: { name: none }", "invalid HMAC secret configuration")]
    public void Secrets_must_be_there(string secrets, string fault) =>
        Assert.Contains(fault, OAuth2Filters.Faults($"config: {{ {OAuth2Filters.Required}, credentials: {{ client_id: app, {secrets} }} }}"));

    [Fact]
    public void A_redirect_uri_that_cannot_be_formatted_is_refused_at_once() =>
        Assert.NotEmpty(OAuth2Filters.Faults(OAuth2Filters.Config(required: OAuth2Filters.Required.Replace("%REQ(:scheme)%", "%NOTHING%", StringComparison.Ordinal))));

    [Fact]
    public void A_token_endpoint_is_needed() =>
        Assert.NotEmpty(OAuth2Filters.Faults(OAuth2Filters.Config(required: OAuth2Filters.Required["token_endpoint: { cluster: idp, uri: idp.example.com/token, timeout: 1s }, ".Length..])));

    [Fact]
    public void A_domain_that_would_end_a_cookie_is_refused() => Assert.NotEmpty(OAuth2Filters.Faults(OAuth2Filters.Config(credentials: "cookie_domain: 'a; HttpOnly'")));

    [Fact]
    public void An_empty_secret_signs_nothing()
    {
        var context = Routes.Context(new ConfigContext());
        context.Secrets.AddStatic([OAuth2Filters.SecretOf("token", "x"), OAuth2Filters.SecretOf("hmac", "")], context.Config);
        Assert.Contains("the secret hmac is empty", OAuth2Filters.Faults(OAuth2Filters.Config(), context));
    }

    [Fact]
    public void An_empty_secret_leaves_the_former_one()
    {
        var context = OAuth2Filters.Context();
        using var stream = new FakeStream(OAuth2Filters.Factory(context: context));
        context.Secrets.UpdateStatic([OAuth2Filters.SecretOf("token", "x"), OAuth2Filters.SecretOf("hmac", "")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", headers: [("cookie", OAuth2Filters.Session())])));
    }
}
