using System.Buffers.Text;
using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.HttpFilters.OAuth2;
using Weft.Proxy.Matching;
using Weft.Proxy.Runtime;
using Weft.Proxy.Streams;
using Weft.Proxy.Tests.Routing;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

/// <summary>What the filter does without asking anybody.</summary>
public sealed class OAuth2FilterTests
{
    private const string CsrfToken = "00000000075bcd15.na6kru4x1pHgocSIeU/mdtHYn58Gh1bqweS4XXoiqVg=";

    [Fact]
    public void Who_is_not_signed_in_is_sent_to_the_authorization_server()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory("auth_scopes: [user, openid, email], resources: [oauth2-resource, 'http://example.com/a?b=c']", required: OAuth2Filters.Required.Replace("/authorize", "/authorize/?foo=bar&zoo", StringComparison.Ordinal)));
        stream.Request(Routes.Request("/original?a=1&b=2", "www.example.com", "GET", ("cookie", "OauthNonce=" + CsrfToken)));
        var response = stream.ResponseHeaders!;
        Assert.Equal((302, "oauth.missing_credentials"), (response.Status, stream.Info.ResponseCodeDetails));
        var state = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"url":"http://www.example.com/original?a=1&b=2","csrf_token":"{{CsrfToken}}"}"""));
        var location = Heads.Text(response, "location");
        var challenge = location.Split("code_challenge=")[1].Split('&')[0];
        Assert.Equal(
            $"https://idp.example.com/authorize/?client_id=app&code_challenge={challenge}&code_challenge_method=S256&foo=bar"
            + "&redirect_uri=http%3A%2F%2Fwww.example.com%2Fcallback&response_type=code&scope=user%20openid%20email"
            + $"&state={state}&zoo=&resource=oauth2-resource&resource=http%3A%2F%2Fexample.com%2Fa%3Fb%3Dc",
            location);
        // The token that the browser has serves; the verifier is new, and the challenge is its own.
        var cookie = Assert.Single(Cookies(response));
        Assert.Matches("^CodeVerifier=[\\w-]+;path=/;Max-Age=600;secure;HttpOnly$", cookie);
        var verifier = new Weft.Base.Buffers.ByteWriter();
        Assert.Null(OAuth2Filters.Key.Decrypt(Encoding.ASCII.GetBytes(cookie.Split('=', ';')[1]), verifier));
        var digest = new Weft.Base.Buffers.ByteWriter();
        CodeVerifier.WriteChallenge(verifier.Written, digest);
        Assert.Equal(challenge, Encoding.ASCII.GetString(digest.Written));
    }

    [Theory]
    [InlineData("a=b")]
    [InlineData("OauthNonce=00000000075bcd15.forged")]
    [InlineData("OauthNonce=")]
    public void Without_a_good_token_against_forgery_a_new_one_is_set(string cookie)
    {
        using var stream = new FakeStream(OAuth2Filters.Factory());
        stream.Request(Routes.Request("/", headers: [("cookie", cookie)]));
        var nonce = Cookies(stream.ResponseHeaders!).Single(static set => set.StartsWith("OauthNonce=", StringComparison.Ordinal));
        Assert.Matches("^OauthNonce=[0-9a-f]{16}\\.[A-Za-z0-9+/]{43}=;path=/;Max-Age=600;secure;HttpOnly$", nonce);
        Assert.True(Weft.Proxy.HttpFilters.OAuth2.CsrfToken.IsGenuine(OAuth2Filters.Key, Encoding.ASCII.GetBytes(nonce["OauthNonce=".Length..nonce.IndexOf(';', StringComparison.Ordinal)])));
    }

    [Fact]
    public void Cookies_have_the_names_ages_domain_and_attributes_that_are_configured()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory(
            "csrf_token_expires_in: 60s, code_verifier_token_expires_in: 120s, cookie_configs: { oauth_nonce_cookie_config: { same_site: LAX }, code_verifier_cookie_config: { same_site: STRICT } }",
            "cookie_domain: example.com, cookie_names: { oauth_nonce: nonce, code_verifier: verifier }"));
        stream.Request(Routes.Request("/"));
        Assert.Collection(
            Cookies(stream.ResponseHeaders!),
            static nonce => Assert.Matches("^nonce=[^;]+;domain=example.com;path=/;Max-Age=60;secure;HttpOnly;SameSite=Lax$", nonce),
            static verifier => Assert.Matches("^verifier=[^;]+;domain=example.com;path=/;Max-Age=120;secure;HttpOnly;SameSite=Strict$", verifier));
    }

    [Fact]
    public void A_session_passes_with_its_tokens_and_nothing_of_the_flow()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory("forward_bearer_token: true"));
        var headers = Routes.Request("/", headers: [("authorization", "forged"), ("cookie", $"mine=1; {OAuth2Filters.Session(idToken: "id", refreshToken: "refresh")}; OauthNonce=x; CodeVerifier=y")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(("mine=1; BearerToken=access; IdToken=id", "Bearer access"), (Heads.Text(headers, "cookie"), Heads.Text(headers, "authorization")));
    }

    [Fact]
    public void What_stands_twice_goes_on_once_as_it_was_signed()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory());
        var headers = Routes.Request("/", headers: [("cookie", $"{OAuth2Filters.Session()}; IdToken=; IdToken=forged; mine=1; BearerToken=forged")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal("IdToken=; mine=1; BearerToken=access", Heads.Text(headers, "cookie"));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("preserve_authorization_header: true", "mine")]
    public void An_authorization_of_the_client_s_own_goes_on_only_where_that_is_wanted(string more, string expected)
    {
        using var stream = new FakeStream(OAuth2Filters.Factory(more));
        var headers = Routes.Request("/", headers: [("authorization", "mine"), ("cookie", OAuth2Filters.Session())]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal(expected, Heads.Text(headers, "authorization"));
    }

    [Fact]
    public void Tokens_may_be_kept_as_they_are()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory("disable_token_encryption: true, forward_bearer_token: true"));
        var headers = Routes.Request("/", headers: [("cookie", $"OauthHMAC={OAuth2Filters.Sign("host\n4102444800\nplain\n\n")}; OauthExpires=4102444800; BearerToken=plain")]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal("Bearer plain", Heads.Text(headers, "authorization"));
    }

    [Fact]
    public void A_session_of_a_domain_counts_on_all_its_hosts()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory(credentials: "cookie_domain: example.com"));
        Assert.Equal(FilterStatus.Continue, stream.Request(Routes.Request("/", "a.example.com", headers: [("cookie", OAuth2Filters.Session("example.com"))])));
        Assert.NotEqual(FilterStatus.Continue, stream.Request(Routes.Request("/", "a.example.com", headers: [("cookie", OAuth2Filters.Session("a.example.com"))])));
    }

    public static TheoryData<string> BadSessions => new()
    {
        "",
        OAuth2Filters.Session("other.example.com"),
        OAuth2Filters.Session(expires: 1),
        OAuth2Filters.Session().Replace("4102444800", "4102444801", StringComparison.Ordinal),
        OAuth2Filters.Session() + "; IdToken=" + OAuth2Filters.Encrypt("added"),
        OAuth2Filters.Session().Replace("BearerToken=", "BearerToken=AAAA", StringComparison.Ordinal),
        OAuth2Filters.Session().Replace("OauthHMAC=", "OauthHMAC=A", StringComparison.Ordinal),
        "OauthHMAC=; OauthExpires=99999999999999999999999999; BearerToken=;;;=;====",
        "OauthHMAC=\"; OauthExpires=-1; BearerToken=\"; IdToken=\"\"; RefreshToken=",
        "OauthExpires=4102444800",
        $"OauthExpires=4102444800; BearerToken={OAuth2Filters.Encrypt("a\r\nx-evil: 1")}",
    };

    [Theory]
    [MemberData(nameof(BadSessions))]
    public void Whatever_cookies_come_nobody_passes_without_a_good_session(string cookie)
    {
        using var stream = new FakeStream(OAuth2Filters.Factory());
        Assert.NotEqual(FilterStatus.Continue, stream.Request(Routes.Request("/", headers: [("cookie", cookie)])));
        Assert.Equal(302, stream.ResponseHeaders!.Status);
    }

    [Fact]
    public void Random_cookies_never_throw()
    {
        var random = new Random(1);
        using var stream = new FakeStream(OAuth2Filters.Factory("use_refresh_token: false"));
        string[] names = ["OauthHMAC", "OauthExpires", "BearerToken", "IdToken", "RefreshToken", "OauthNonce", "CodeVerifier"];
        const string Letters = "Aa0-_=\";+/. \t\u00e4";
        for (var i = 0; i < 2000; i++)
        {
            var cookie = string.Join("; ", names.Select(name => name + "=" + new string(random.GetItems(Letters.AsSpan(), random.Next(80)))));
            foreach (var path in (string[])["/", "/callback?code=1&state=" + new string(random.GetItems(Letters.AsSpan(), random.Next(80))), "/signout"])
            {
                Assert.NotEqual(FilterStatus.Continue, stream.Request(Routes.Request(path, headers: [("cookie", cookie)])));
                stream.End();
            }
        }
    }

    [Fact]
    public void Requests_that_match_pass_through_untouched()
    {
        var context = OAuth2Filters.Context();
        using var stream = new FakeStream(OAuth2Filters.Factory("stat_prefix: mine., pass_through_matcher: [{ name: ':path', string_match: { prefix: /public } }]", context: context));
        var headers = Routes.Request("/public/a", headers: [("authorization", "mine"), ("cookie", OAuth2Filters.Session())]);
        Assert.Equal(FilterStatus.Continue, stream.Request(headers));
        Assert.Equal("mine", Heads.Text(headers, "authorization"));
        Assert.Contains("OauthHMAC", Heads.Text(headers, "cookie"), StringComparison.Ordinal);
        var scope = context.Stats.Scope("http.test.mine.");
        Assert.Equal((1, 0), (scope.Counter("oauth_passthrough").Value, scope.Counter("oauth_success").Value));
    }

    [Fact]
    public void Requests_that_cannot_follow_a_redirect_get_401()
    {
        var context = OAuth2Filters.Context();
        using var stream = new FakeStream(OAuth2Filters.Factory("deny_redirect_matcher: [{ name: x-requested-with, string_match: { exact: XMLHttpRequest } }]", context: context));
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/api?x=1", headers: [("x-requested-with", "XMLHttpRequest")])));
        Assert.Equal((401, "OAuth flow failed.", "Unauthorized, and redirecting to OAuth server is not allowed: /api?x=1"), (stream.Reply!.Value.Status, stream.Reply.Value.Body, stream.Reply.Value.Details));
        stream.End();
        stream.Request(Routes.Request("/"));
        Assert.Equal(302, stream.ResponseHeaders!.Status);
        var scope = context.Stats.Scope("http.test.");
        Assert.Equal((1, 1), (scope.Counter("oauth_failure").Value, scope.Counter("oauth_unauthorized_rq").Value));
    }

    [Fact]
    public void Signing_out_ends_every_cookie()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory(credentials: "cookie_names: { bearer_token: __Secure-token }, cookie_domain: example.com"));
        stream.Request(Routes.Request("/signout?now", "www.example.com"));
        Assert.Equal((302, "http://www.example.com/", "oauth.sign_out"), (stream.ResponseHeaders!.Status, Heads.Text(stream.ResponseHeaders, "location"), stream.Info.ResponseCodeDetails));
        const string Deleted = "=deleted; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT;domain=example.com";
        Assert.Equal(
            ["OauthHMAC" + Deleted, "__Secure-token" + Deleted + "; Secure", "IdToken" + Deleted, "RefreshToken" + Deleted, "OauthNonce" + Deleted, "CodeVerifier" + Deleted],
            Cookies(stream.ResponseHeaders));
    }

    [Fact]
    public void Signing_out_goes_on_at_the_authorization_server()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory("end_session_endpoint: 'https://idp.example.com/logout', auth_scopes: [openid]"));
        stream.Request(Routes.Request("/signout", headers: [("cookie", OAuth2Filters.Session(idToken: "the.id.token"))]));
        Assert.Equal("https://idp.example.com/logout?id_token_hint=the.id.token&client_id=app&post_logout_redirect_uri=http%3A%2F%2Fhost%2F", Heads.Text(stream.ResponseHeaders!, "location"));
    }

    [Theory]
    [InlineData("?error=access_denied&b=2&a=1", "OAuth server returned an error: ?a=1&b=2&error=access_denied")]
    [InlineData("", "Code or state query param does not exist: ")]
    [InlineData("?state=x", "Code or state query param does not exist: ?state=x")]
    [InlineData("?code=1&state=bm8ganNvbg", "State query param is not a valid JSON: no json")]
    [InlineData("?code=1&state=", "State query param is not a valid JSON: ")]
    [InlineData("?code=1&state=***", "State query param is not a valid JSON: ")]
    [InlineData("?code=1&state=W10", "State query param is not a valid JSON: []")]
    [InlineData("?code=1&state=e30", "State query param does not contain url or CSRF token: {}")]
    public void A_callback_that_is_none_gets_401(string query, string details) => Assert.Equal(details, DetailsOf(query, "OauthNonce=" + CsrfToken));

    [Theory]
    [InlineData("http://host/", CsrfToken, "OauthNonce=" + CsrfToken, "Code verifier cookie is missing in the request")]
    [InlineData("http://host/", CsrfToken, "OauthNonce=" + CsrfToken + "; CodeVerifier=AAAA", "Failed to decrypt code verifier: AAAA, error: Invalid encrypted data")]
    [InlineData("http://host/", CsrfToken, "", "CSRF token validation failed")]
    [InlineData("http://host/", CsrfToken, "OauthNonce=other", "CSRF token validation failed")]
    [InlineData("http://host/", "forged.forged", "OauthNonce=forged.forged", "CSRF token validation failed")]
    [InlineData("http://host/", "", "OauthNonce=", "CSRF token validation failed")]
    [InlineData("nowhere", CsrfToken, "OauthNonce=" + CsrfToken, "State url can not be initialized: nowhere")]
    [InlineData("http://host/\\r\\nset-cookie: a", CsrfToken, "OauthNonce=" + CsrfToken, "State url can not be initialized: http://host/ set-cookie: a")]
    public void A_state_of_another_browser_gets_401(string url, string token, string cookie, string details) => Assert.Equal(details, DetailsOf("?code=1&state=" + State(url, token), cookie));

    [Fact]
    public void A_callback_of_a_session_goes_where_the_user_wanted_to()
    {
        using var stream = new FakeStream(OAuth2Filters.Factory());
        stream.Request(Routes.Request("/callback?code=1&state=" + State("http://host/page?x=1", CsrfToken), headers: [("cookie", $"{OAuth2Filters.Session()}; OauthNonce={CsrfToken}")]));
        Assert.Equal((302, "http://host/page?x=1", "oauth.race_redirect"), (stream.ResponseHeaders!.Status, Heads.Text(stream.ResponseHeaders, "location"), stream.Info.ResponseCodeDetails));
    }

    [Fact]
    public void A_callback_that_leads_to_itself_ends() => Assert.Equal(
        "State url query params matches the redirect path matcher: /callback?x=1",
        DetailsOf("?code=1&state=" + State("http://host/callback?x=1", CsrfToken), $"{OAuth2Filters.Session()}; OauthNonce={CsrfToken}"));

    [Theory]
    [InlineData("/", "RefreshToken")]
    [InlineData("/callback", "CodeVerifier")]
    public void Without_a_token_endpoint_tokens_cannot_be_had(string path, string cookie)
    {
        using var stream = new FakeStream(OAuth2Filters.Factory());
        var query = path == "/" ? "" : "?code=1&state=" + State("http://host/", CsrfToken);
        stream.Request(Routes.Request(path + query, headers: [("cookie", $"{cookie}={OAuth2Filters.Encrypt("x")}; OauthNonce={CsrfToken}")]));
        Assert.Equal((401, "Token endpoint cluster not found"), (stream.Reply!.Value.Status, stream.Reply.Value.Details));
    }

    [Theory]
    [InlineData("/", "without a session: to the authorization server")]
    [InlineData("/api", "without a session: 401 (deny_redirect_matcher)")]
    [InlineData("/public", "passes through (pass_through_matcher)")]
    [InlineData("/signout?a=b", "signs the user out (signout_path)")]
    [InlineData("/callback?code=1", "ends a login (redirect_path_matcher)")]
    public void It_says_what_it_would_do_with_a_request(string path, string expected)
    {
        var factory = OAuth2Filters.Factory("pass_through_matcher: [{ name: ':path', string_match: { exact: /public } }], deny_redirect_matcher: [{ name: ':path', string_match: { exact: /api } }]");
        Assert.Equal([expected], factory.Explain(null, new MatchData(new StreamInfo(), RuntimeSnapshot.Empty) { RequestHeaders = Routes.Request(path) }));
    }

    [Fact]
    public void A_verifier_that_would_be_more_than_one_field_gets_401()
    {
        var encrypted = OAuth2Filters.Encrypt("a&client_id=b");
        Assert.Equal($"Failed to decrypt code verifier: {encrypted}, error: it is no code verifier", DetailsOf("?code=1&state=" + State("http://host/", CsrfToken), $"OauthNonce={CsrfToken}; CodeVerifier={encrypted}"));
    }

    private static string State(string url, string token) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($$"""{"url":"{{url}}","csrf_token":"{{token}}"}"""));

    private static string DetailsOf(string query, string cookie)
    {
        using var stream = new FakeStream(OAuth2Filters.Factory());
        Assert.Equal(FilterStatus.Ended, stream.Request(Routes.Request("/callback" + query, headers: [("cookie", cookie)])));
        Assert.Equal((401, "OAuth flow failed."), (stream.Reply!.Value.Status, stream.Reply.Value.Body));
        return stream.Reply.Value.Details;
    }

    private static string[] Cookies(HeaderMap response) => response.All("set-cookie");
}
