using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.HttpFilters.OAuth2;

/// <summary>Codes and refresh tokens that a running proxy exchanges at a token endpoint.</summary>
public sealed class TokenExchangeTests
{
    private const string CsrfToken = "00000000075bcd15.na6kru4x1pHgocSIeU/mdtHYn58Gh1bqweS4XXoiqVg=";
    private const string Grant = """{"access_token":"access","expires_in":600,"id_token":"id","refresh_token":"refresh","token_type":"Bearer"}""";

    [Theory]
    [InlineData("", "", "grant_type=authorization_code&code=the%2Bcode&client_id=app&client_secret=a%3Ab%26c%7E&redirect_uri=http%3A%2F%2FHOST%2Fcallback&code_verifier=verifier")]
    [InlineData(", auth_type: BASIC_AUTH", "authorization: Basic YXBwOmE6YiZjfg==\n", "grant_type=authorization_code&code=the%2Bcode&redirect_uri=http%3A%2F%2FHOST%2Fcallback&code_verifier=verifier")]
    public async Task A_code_becomes_a_session(string more, string authorization, string body)
    {
        await using var server = TokenServer.Answering(Grant);
        using var proxy = Start(server.Port, more);
        using var response = await LogInAsync(proxy);
        Assert.Equal((HttpStatusCode.Redirect, "http://a/page?x=1"), (response.StatusCode, response.Headers.Location!.OriginalString));
        var (head, sent) = Assert.Single(server.Requests);
        Assert.Equal(body.Replace("HOST", Escaped(proxy.Listener()), StringComparison.Ordinal), sent);
        Assert.StartsWith("POST /token?v=1 HTTP/1.1\n", head, StringComparison.Ordinal);
        foreach (var line in (string[])["host: idp.example.com\n", "content-type: application/x-www-form-urlencoded\n", "accept: application/json\n", authorization])
            Assert.Contains(line, head, StringComparison.Ordinal);

        var cookies = response.Headers.GetValues("set-cookie").ToArray();
        Assert.Equal(["OauthHMAC", "OauthExpires", "BearerToken", "IdToken", "RefreshToken"], cookies.Select(static cookie => cookie.Split('=')[0]));
        Assert.All(cookies, static cookie => Assert.EndsWith(cookie.StartsWith("RefreshToken", StringComparison.Ordinal) ? ";path=/;Max-Age=604800;secure;HttpOnly" : ";path=/;Max-Age=600;secure;HttpOnly", cookie, StringComparison.Ordinal));
        using var page = await SendAsync(proxy, "/page", string.Join("; ", cookies.Select(static cookie => cookie.Split(';')[0])));
        Assert.Equal("in", await page.Content.ReadAsStringAsync());
        Assert.Equal("http.ingress.oauth_success: 2\n", await proxy.Admin!.GetStringAsync("stats?filter=oauth_success"));
    }

    [Theory]
    [InlineData("""{"expires_in":600}""", "No access token found in the token exchange response: {\"expires_in\":600}")]
    [InlineData("""{"access_token":null,"expires_in":600}""", "No access token found in the token exchange response: {\"access_token\":null,\"expires_in\":600}")]
    [InlineData("""{"access_token":"a"}""", "No default or explicit access token expiration found in the token exchange response: {\"access_token\":\"a\"}")]
    [InlineData("""{"access_token":"a","expires_in":0}""", "No default or explicit access token expiration found in the token exchange response: {\"access_token\":\"a\",\"expires_in\":0}")]
    [InlineData("access_token=a", "Failed to parse oauth response body: access_token=a, exception: no JSON object")]
    [InlineData("", "Failed to parse oauth response body: , exception: no JSON object")]
    [InlineData("[1]", "Failed to parse oauth response body: [1], exception: no JSON object")]
    [InlineData("""{"access_token":"a","expires_in":-1}""", "Failed to parse oauth response body: {\"access_token\":\"a\",\"expires_in\":-1}, exception: expires_in is no number of seconds")]
    [InlineData("""{"access_token":"a","expires_in":1.5}""", "Failed to parse oauth response body: {\"access_token\":\"a\",\"expires_in\":1.5}, exception: expires_in is no number of seconds")]
    [InlineData("""{"access_token":["a"],"expires_in":1}""", "Failed to parse oauth response body: {\"access_token\":[\"a\"],\"expires_in\":1}, exception: a token is no text that a header can hold")]
    [InlineData("""{"access_token":"a\r\nx-evil: 1","expires_in":1}""", "Failed to parse oauth response body: {\"access_token\":\"a\\r\\nx-evil: 1\",\"expires_in\":1}, exception: a token is no text that a header can hold")]
    public async Task What_nobody_understands_is_no_session(string answer, string details)
    {
        await using var server = TokenServer.Answering(answer);
        using var proxy = Start(server.Port);
        using var response = await LogInAsync(proxy);
        Assert.Equal((HttpStatusCode.Unauthorized, details), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("http.ingress.oauth_failure: 1\n", await proxy.Admin!.GetStringAsync("stats?filter=oauth_failure"));
    }

    [Theory]
    [InlineData("""{"access_token":"a","expires_in":"60"}""", "", 60)]
    [InlineData("""{"access_token":"a","expires_in":1e18}""", "", 316224000)]
    [InlineData("""{"access_token":"a"}""", ", default_expires_in: 30s", 30)]
    [InlineData("""{"access_token":"a","expires_in":60,"unknown":{"a":[1]}}""", ", default_expires_in: 30s", 60)]
    public async Task A_session_lasts_as_long_as_its_access_token(string answer, string more, long seconds)
    {
        await using var server = TokenServer.Answering(answer);
        using var proxy = Start(server.Port, more);
        using var response = await LogInAsync(proxy);
        Assert.All(response.Headers.GetValues("set-cookie"), cookie => Assert.Contains($";Max-Age={seconds};", cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_that_say_when_they_end_are_kept_no_longer()
    {
        var past = $"{Url("""{"alg":"RS256"}""")}.{Url("""{"exp":1}""")}.c2ln";
        await using var server = TokenServer.Answering($$"""{"access_token":"a","expires_in":60,"id_token":"{{past}}","refresh_token":"{{past}}"}""");
        using var proxy = Start(server.Port);
        using var response = await LogInAsync(proxy);
        var cookies = response.Headers.GetValues("set-cookie").Where(static cookie => cookie.StartsWith("IdToken", StringComparison.Ordinal) || cookie.StartsWith("RefreshToken", StringComparison.Ordinal)).ToArray();
        Assert.Equal(2, cookies.Length);
        Assert.All(cookies, static cookie => Assert.Contains(";Max-Age=0;", cookie, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tokens_need_not_be_kept()
    {
        await using var server = TokenServer.Answering(Grant);
        using var proxy = Start(server.Port, ", disable_access_token_set_cookie: true, disable_id_token_set_cookie: true, disable_refresh_token_set_cookie: true");
        using var response = await LogInAsync(proxy, "; IdToken=old");
        var cookies = response.Headers.GetValues("set-cookie").Select(static cookie => cookie.Split(';')[0]).ToArray();
        Assert.Equal(["OauthHMAC", "OauthExpires", "IdToken"], cookies.Select(static cookie => cookie.Split('=')[0]));
        Assert.Equal("IdToken=deleted", cookies[2]);
        using var page = await SendAsync(proxy, "/", string.Join("; ", cookies[..2]));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData(400, """{"error":"invalid_grant"}""", "Failed to get access token, response code: 400, response body: {\"error\":\"invalid_grant\"}")]
    [InlineData(503, "no", "Failed to get access token, response code: 503, response body: no")]
    [InlineData(201, "{}", "Failed to get access token, response code: 201, response body: {}")]
    public async Task A_refused_code_is_no_session(int status, string answer, string details)
    {
        await using var server = TokenServer.Answering(answer, status);
        using var proxy = Start(server.Port);
        using var response = await LogInAsync(proxy);
        Assert.Equal((HttpStatusCode.Unauthorized, details), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Without_a_server_there_is_no_session()
    {
        int port;
        await using (var server = TokenServer.Answering(Grant))
            port = server.Port;
        using var proxy = Start(port);
        using var response = await LogInAsync(proxy);
        Assert.StartsWith(
            "Failed to get access token, response code: 503, response body: upstream connect error or disconnect/reset before headers. reset reason: remote connection failure",
            await response.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_endpoints_there_is_no_session()
    {
        using var proxy = Start(0);
        using var response = await LogInAsync(proxy);
        Assert.Equal("Failed to get access token, response code: 503, response body: no healthy upstream", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData(", retry_policy: { num_retries: 3, retry_back_off: { base_interval: 30s, max_interval: 60s } }")]
    public async Task A_server_that_does_not_answer_is_waited_for_in_vain(string more)
    {
        await using var server = new TokenServer(static _ => null);
        using var proxy = Start(server.Port, more, timeout: "0.05s");
        using var response = await LogInAsync(proxy);
        Assert.Equal("Failed to get access token, response code: 504, response body: upstream request timeout", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Failures_are_tried_again_as_the_policy_says()
    {
        await using var server = new TokenServer(static number => number < 3 ? (503, "busy") : (200, Grant));
        using var proxy = Start(server.Port, ", retry_policy: { num_retries: 2, retry_back_off: { base_interval: 0.001s, max_interval: 5s } }");
        using var response = await LogInAsync(proxy);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(3, server.Requests.Length);
        Assert.Single(server.Requests.Select(static request => request.Body).Distinct());
        Assert.Equal("cluster.idp.upstream_rq_retry: 2\n", await proxy.Admin!.GetStringAsync("stats?filter=idp.upstream_rq_retry$"));
    }

    [Fact]
    public async Task What_the_server_refuses_is_not_tried_again_and_tries_have_an_end()
    {
        await using var server = new TokenServer(static number => number == 1 ? (400, "no") : (503, "busy"));
        using var proxy = Start(server.Port, ", retry_policy: { retry_back_off: { base_interval: 0.001s, max_interval: 5s } }");
        using var refused = await LogInAsync(proxy);
        Assert.Equal("Failed to get access token, response code: 400, response body: no", await refused.Content.ReadAsStringAsync());
        using var failed = await LogInAsync(proxy);
        Assert.Equal("Failed to get access token, response code: 503, response body: busy", await failed.Content.ReadAsStringAsync());
        Assert.Equal(3, server.Requests.Length);
    }

    [Theory]
    [InlineData("", "grant_type=refresh_token&refresh_token=old%3Drefresh&client_id=app&client_secret=a%3Ab%26c%7E")]
    [InlineData(", auth_type: BASIC_AUTH", "grant_type=refresh_token&refresh_token=old=refresh")]
    public async Task A_session_that_is_over_is_renewed_while_the_request_waits(string more, string body)
    {
        await using var server = TokenServer.Answering("""{"access_token":"new","expires_in":600}""");
        using var proxy = Start(server.Port, more);
        var session = OAuth2Filters.Session($"{proxy.Listener()}", "old", "old id", "old=refresh", expires: 1);
        using var response = await SendAsync(proxy, "/page", session, "a body that waits");
        Assert.Equal((HttpStatusCode.OK, "in"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal(body, Assert.Single(server.Requests).Body);

        // What the server did not renew: the refresh token stays, there is no id token any more.
        var cookies = response.Headers.GetValues("set-cookie").ToArray();
        Assert.Equal(["OauthHMAC", "OauthExpires", "BearerToken", "IdToken", "RefreshToken"], cookies.Select(static cookie => cookie.Split('=')[0]));
        Assert.StartsWith("IdToken=deleted;", cookies[3], StringComparison.Ordinal);
        using var next = await SendAsync(proxy, "/page", string.Join("; ", cookies.Where(static cookie => !cookie.StartsWith("IdToken", StringComparison.Ordinal)).Select(static cookie => cookie.Split(';')[0])));
        Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        Assert.Single(server.Requests);
        Assert.Equal("http.ingress.oauth_refreshtoken_success: 1\n", await proxy.Admin!.GetStringAsync("stats?filter=refreshtoken_success"));
    }

    [Fact]
    public async Task A_session_that_cannot_be_renewed_begins_anew()
    {
        await using var server = TokenServer.Answering("no", 400);
        using var proxy = Start(server.Port, ", deny_redirect_matcher: [{ name: x-ajax, present_match: true }]");
        var session = OAuth2Filters.Session($"{proxy.Listener()}", refreshToken: "refresh", expires: 1);
        using var response = await SendAsync(proxy, "/page", session, "a body");
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.StartsWith("https://idp.example.com/authorize?", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        using var denied = await SendAsync(proxy, "/page", session, headers: ("x-ajax", "1"));
        Assert.Equal((HttpStatusCode.Unauthorized, "Failed to refresh the access token, and redirecting to OAuth server is not allowed"), (denied.StatusCode, await denied.Content.ReadAsStringAsync()));
        Assert.Equal("http.ingress.oauth_refreshtoken_failure: 2\n", await proxy.Admin!.GetStringAsync("stats?filter=refreshtoken_failure"));
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_question()
    {
        await using var server = new TokenServer(static _ => null);
        using var proxy = Start(server.Port);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(proxy.Listener());
            var request = $"GET / HTTP/1.1\r\nhost: a\r\ncookie: RefreshToken={OAuth2Filters.Encrypt("x")}\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            await StatAsync(proxy, "cluster.idp.upstream_rq_active: 1");
        }

        await StatAsync(proxy, "cluster.idp.upstream_rq_active: 0");
    }

    private static async Task StatAsync(RunningServer proxy, string expected)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        while (await proxy.Admin!.GetStringAsync("stats?filter=idp.upstream_rq_active", patience.Token) != expected + "\n")
            await Task.Yield();
    }

    private static Task<HttpResponseMessage> LogInAsync(RunningServer proxy, string cookies = "")
    {
        var state = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"url":"http://a/page?x=1","csrf_token":"{{CsrfToken}}"}"""));
        return SendAsync(proxy, $"/callback?state={state}&code=the%2Bcode", $"OauthNonce={CsrfToken}; CodeVerifier={OAuth2Filters.Encrypt("verifier")}{cookies}");
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningServer proxy, string path, string cookies, string? body = null, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, $"http://{proxy.Listener()}{path}");
        request.Headers.TryAddWithoutValidation("cookie", cookies);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        request.Content = body is null ? null : new StringContent(body);
        return await client.SendAsync(request);
    }

    private static string Escaped(IPEndPoint address) => $"{address}".Replace(":", "%3A", StringComparison.Ordinal);

    private static string Url(string text) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(text));

    /// <param name="port">Of the token endpoint; 0: there is none.</param>
    /// <param name="more">Further fields of the filter, beginning with a comma.</param>
    private static RunningServer Start(int port, string more = "", string timeout = "20s") => new($$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          secrets:
          - { name: token, generic_secret: { secret: { inline_string: "a:b&c~" } } }
          - { name: hmac, generic_secret: { secret: { inline_string: {{OAuth2Filters.HmacSecret}} } } }
          listeners:
          - name: ingress
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: ingress
                  local_reply_config: { body_format: { text_format: "%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%" }, mappers: [ { filter: { status_code_filter: { comparison: { op: EQ, value: { default_value: 200, runtime_key: a } } } }, body_format_override: { text_format: "%LOCAL_REPLY_BODY%" } } ] }
                  route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: in } } }] }] }
                  http_filters:
                  - name: envoy.filters.http.oauth2
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.oauth2.v3.OAuth2
                      config: { {{OAuth2Filters.Required.Replace("uri: idp.example.com/token, timeout: 1s", $"uri: 'https://idp.example.com/token?v=1', timeout: {timeout}", StringComparison.Ordinal)}}, credentials: { client_id: app, token_secret: { name: token }, hmac_secret: { name: hmac } }{{more}} }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
          clusters:
          - name: idp
            connect_timeout: 5s
            load_assignment: { cluster_name: idp{{(port == 0 ? "" : $", endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }} }} }}] }}]")}} }
        """);
}
