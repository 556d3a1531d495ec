using System.Globalization;
using System.Net;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Users who log in at an authorization server, from the first redirect to signing out.</summary>
public sealed class OAuth2Tests : IDisposable
{
    private readonly AuthorizationServer _idp = new();
    private readonly ScriptedUpstream _service = new(EchoAsync);
    private readonly CookieClient _browser = new();

    [Fact]
    public async Task A_user_logs_in_uses_the_service_and_signs_out()
    {
        await using var weft = await StartAsync();
        var page = await PageOf(weft);
        using (var home = await _browser.BrowseAsync(page))
            Assert.Contains("authorization: Bearer access-1\r\n", await home.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["/page", "/authorize", "/callback", "/page"], _browser.Visited.Select(static uri => uri.AbsolutePath));
        Assert.Equal(page, _browser.Visited[^1]);

        // The session serves: the authorization server is not asked again, and the service sees the token alone.
        _browser.CookiesOf(page)["mine"] = "1";
        using (var again = await _browser.GetAsync(page))
        {
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            var head = await again.Content.ReadAsStringAsync();
            Assert.Contains("cookie: mine=1; BearerToken=access-1\r\n", head, StringComparison.Ordinal);
        }

        Assert.Equal(1, _idp.Grants);
        using (var signedOut = await _browser.GetAsync(new Uri(page, "/signout")))
            Assert.Equal((HttpStatusCode.Redirect, new Uri(page, "/")), (signedOut.StatusCode, signedOut.Headers.Location!));
        Assert.Equal(["OauthExpires", "mine"], _browser.CookiesOf(page).Keys.Order(StringComparer.Ordinal));
        await ExpectLoginAsync(page);
        await weft.WaitForStat("http.web.oauth_unauthorized_rq", 2);
        await weft.ExpectStat("http.web.oauth_success", 3);
    }

    [Fact]
    public async Task A_session_that_ends_is_renewed_without_the_user()
    {
        await using var weft = await StartAsync();
        var page = await PageOf(weft);
        _idp.ExpiresInSeconds = 1;
        using (var home = await _browser.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        _idp.ExpiresInSeconds = 600;
        await Wait.Until(
            async () =>
            {
                using var response = await _browser.GetAsync(page);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                // The login may itself have taken so long that it was renewed already.
                return (await response.Content.ReadAsStringAsync()).Contains($"authorization: Bearer access-{Math.Max(2, _idp.Grants)}\r\n", StringComparison.Ordinal);
            },
            "a renewed session");
        await weft.WaitForStat("http.web.oauth_refreshtoken_success", 1);

        // With a session that cannot be renewed the user logs in again.
        _idp.ExpiresInSeconds = 1;
        _browser.CookiesOf(page).Clear();
        using (var home = await _browser.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        await Wait.Until(
            async () =>
            {
                _idp.ForgetSessions();
                using var response = await _browser.GetAsync(page);
                return response.StatusCode == HttpStatusCode.Redirect;
            },
            "a login");
        await weft.WaitForStat("http.web.oauth_refreshtoken_failure", 1);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_body_waits_for_the_renewal_and_arrives_whole(string version)
    {
        await using var weft = await StartAsync();
        var page = await PageOf(weft);
        _idp.ExpiresInSeconds = 1;
        using (var home = await _browser.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        var cookies = string.Join("; ", _browser.CookiesOf(page).Select(static cookie => $"{cookie.Key}={cookie.Value}"));
        var before = _idp.Grants;
        var body = new string('x', 300_000) + "the end";
        using var client = version == "2.0" ? Http2Client.Create(page.Port) : new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
        await Wait.Until(
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, page) { Content = new StringContent(body), Version = Version.Parse(version) };
                request.Headers.TryAddWithoutValidation("cookie", cookies);
                using var response = await client.SendAsync(request);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                Assert.EndsWith("\r\n\r\n" + body, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                return _idp.Grants > before;
            },
            "a renewal");
    }

    [Fact]
    public async Task Who_tampers_with_cookies_logs_in_again()
    {
        await using var weft = await StartAsync();
        var page = await PageOf(weft);
        using (var home = await _browser.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        var cookies = _browser.CookiesOf(page);
        // Renewed it would be all right again.
        cookies.Remove("RefreshToken");
        await ExpectLoginAsync(page);
        foreach (var name in (string[])["BearerToken", "OauthExpires", "OauthHMAC"])
        {
            using (var home = await _browser.BrowseAsync(page))
                Assert.Equal(HttpStatusCode.OK, home.StatusCode);
            cookies.Remove("RefreshToken");
            foreach (var value in (string[])["", "x", "9" + cookies[name], cookies[name][..^2], new string('A', 4000), "\"", "%00%0d%0a", "===="])
            {
                cookies[name] = value;
                await ExpectLoginAsync(page);
            }
        }

        Assert.Equal("LIVE\n", await weft.GetAdmin("/ready"));
    }

    [Fact]
    public async Task What_a_user_adds_to_a_session_does_not_reach_the_service()
    {
        await using var weft = await StartAsync();
        var page = await PageOf(weft);
        using (var home = await _browser.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        _browser.CookiesOf(page)["IdToken"] = "forged";
        using var renewed = await _browser.GetAsync(page);
        var head = await renewed.Content.ReadAsStringAsync();
        Assert.Contains("cookie: BearerToken=access-2\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("forged", head, StringComparison.Ordinal);
        Assert.DoesNotContain("IdToken", _browser.CookiesOf(page).Keys);
    }

    [Fact]
    public async Task A_login_that_another_browser_began_is_refused()
    {
        await using var weft = await StartAsync();
        var page = await PageOf(weft);
        using var victim = new CookieClient();
        var (mine, theirs) = (await BeginLoginAsync(_browser, page), await BeginLoginAsync(victim, page));
        await ExpectRefusalAsync(victim, mine);
        await ExpectRefusalAsync(victim, new Uri(theirs.OriginalString.Replace("state=", "state=AAAA", StringComparison.Ordinal)));
        await ExpectRefusalAsync(victim, new Uri(page, "/callback?error=access_denied"));
        await ExpectRefusalAsync(victim, new Uri(page, "/callback"));

        // A code counts once: who sees the address afterwards can do nothing with it.
        using (var home = await victim.BrowseAsync(theirs))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        foreach (var name in (string[])["OauthHMAC", "BearerToken", "RefreshToken"])
            victim.CookiesOf(page).Remove(name);
        await ExpectRefusalAsync(victim, theirs);
        await weft.ExpectStat("http.web.oauth_failure", 5);
    }

    [Fact]
    public async Task While_the_authorization_server_is_down_sessions_go_on_and_logins_fail()
    {
        var idp = new AuthorizationServer { ExpiresInSeconds = 1 };
        await using var weft = await StartAsync(idp.Port);
        var page = await PageOf(weft);
        using var brief = new CookieClient();
        using (var home = await brief.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        idp.ExpiresInSeconds = 600;
        using (var home = await _browser.BrowseAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        using var late = new CookieClient();
        var callback = await BeginLoginAsync(late, page);

        idp.Dispose();
        await ExpectRefusalAsync(late, callback);
        using (var home = await _browser.GetAsync(page))
            Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        await Wait.Until(
            async () =>
            {
                using var response = await brief.GetAsync(page);
                return response.StatusCode == HttpStatusCode.Redirect;
            },
            "the end of a session that cannot be renewed");
        await weft.WaitForStat("http.web.oauth_refreshtoken_failure", 1);
    }

    [Fact]
    public async Task A_new_secret_by_SDS_ends_all_sessions()
    {
        var folder = Directory.CreateTempSubdirectory("weft-test-").FullName;
        var file = Path.Combine(folder, "hmac.yaml");
        try
        {
            WriteSecret(file, "first");
            await using var weft = await StartAsync(hmacSource: $", sds_config: {{ path_config_source: {{ path: {file} }} }}");
            var page = await PageOf(weft);
            using (var home = await _browser.BrowseAsync(page))
                Assert.Equal(HttpStatusCode.OK, home.StatusCode);
            WriteSecret(file, "second");
            await Wait.Until(
                async () =>
                {
                    using var response = await _browser.GetAsync(page);
                    return response.StatusCode == HttpStatusCode.Redirect;
                },
                "the new secret");
            using (var home = await _browser.BrowseAsync(page))
                Assert.Equal(HttpStatusCode.OK, home.StatusCode);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Dispose()
    {
        _browser.Dispose();
        _service.Dispose();
        _idp.Dispose();
    }

    private async Task ExpectLoginAsync(Uri page)
    {
        using var response = await _browser.GetAsync(page);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/authorize", response.Headers.Location!.AbsolutePath);
    }

    private static async Task ExpectRefusalAsync(CookieClient browser, Uri uri)
    {
        using var response = await browser.GetAsync(uri);
        Assert.Equal((HttpStatusCode.Unauthorized, "OAuth flow failed."), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    /// <summary>Where the authorization server sends the browser back to.</summary>
    private static async Task<Uri> BeginLoginAsync(CookieClient browser, Uri page)
    {
        using var begun = await browser.GetAsync(page);
        using var authorized = await browser.GetAsync(begun.Headers.Location!);
        return authorized.Headers.Location!;
    }

    /// <summary>Answers with what it got.</summary>
    private static async Task EchoAsync(RawPeer peer, int number)
    {
        while (true)
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            var length = head.Split("content-length: ") is [_, var rest, ..] ? int.Parse(rest.Split('\r')[0], CultureInfo.InvariantCulture) : 0;
            var size = head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4 + length;
            var all = await peer.ReadUntilAsync(size);
            peer.Forget();
            await peer.SendAsync(ScriptedUpstream.Ok(all));
        }
    }

    private static async Task<Uri> PageOf(WeftProcess weft) => new($"http://127.0.0.1:{await weft.Port("web")}/page?x=1&y=a%20b");

    /// <summary>Moved to its place, as files that are watched have to be.</summary>
    private static void WriteSecret(string file, string secret)
    {
        var next = file + ".next";
        File.WriteAllText(next, $$"""
            resources:
            - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
              name: hmac
              generic_secret: { secret: { inline_string: {{secret}} } }
            """);
        File.Move(next, file, overwrite: true);
    }

    /// <param name="hmacSource">Where the secret comes from, with a comma before it; empty: the bootstrap.</param>
    private Task<WeftProcess> StartAsync(int? idpPort = null, string hmacSource = "")
    {
        var port = idpPort ?? _idp.Port;
        var filter = $$"""
                      - name: envoy.filters.http.oauth2
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.http.oauth2.v3.OAuth2
                          config:
                            token_endpoint: { cluster: idp, uri: "http://127.0.0.1:{{port}}/token", timeout: 60s }
                            authorization_endpoint: "http://127.0.0.1:{{port}}/authorize"
                            redirect_uri: "http://%REQ(:authority)%/callback"
                            redirect_path_matcher: { path: { exact: /callback } }
                            signout_path: { path: { exact: /signout } }
                            forward_bearer_token: true
                            credentials:
                              client_id: {{AuthorizationServer.ClientId}}
                              token_secret: { name: token }
                              hmac_secret: { name: hmac{{hmacSource}} }
                      - name: envoy.filters.http.router
            """;
        var clusters = $$"""
              clusters:
              - name: idp
                connect_timeout: 5s
                load_assignment: { cluster_name: idp, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } } ] } ] }
            """;
        var secrets = $$"""
            static_resources:
              secrets:
              - { name: token, generic_secret: { secret: { inline_string: "{{AuthorizationServer.ClientSecret}}" } } }
              - { name: hmac, generic_secret: { secret: { inline_string: sesame } } }
            """;
        return WeftProcess.StartAsync(Configs.HttpProxy(_service.Port)
            .Replace("          - name: envoy.filters.http.router", filter, StringComparison.Ordinal)
            .Replace("  clusters:", clusters, StringComparison.Ordinal)
            .Replace("static_resources:", secrets, StringComparison.Ordinal));
    }
}
