using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.HttpFilters.JwtAuthn;

public sealed class RemoteKeysTests
{
    private const string Token = "\"iss\":\"https://a\"";

    [Theory]
    [InlineData("", 1)]
    [InlineData(", async_fetch: {}", 1)]
    [InlineData(", async_fetch: { fast_listener: true }", 2)] // Requests do not wait for the fetch that is under way.
    public async Task Keys_are_fetched_once_and_used_for_all(string fetch, int most)
    {
        await using var issuer = new Issuer(TestTokens.Keys);
        using var running = new RunningServer(Bootstrap(issuer.Port, fetch));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GetAsync(running, TestTokens.Sign(Token), "a body")));
        Assert.All(answers, static answer => Assert.Equal((HttpStatusCode.OK, "in"), answer));
        Assert.Equal((HttpStatusCode.Unauthorized, "Jwt verification fails"), await GetAsync(running, TestTokens.Sign(Token)[..^8] + "AAAAAAAA"));
        Assert.InRange(issuer.Requests, 1, most);
        Assert.Equal($"http.ingress.jwt_authn.jwks_fetch_success: {issuer.Requests}\n", await running.Admin!.GetStringAsync("stats?filter=jwks_fetch_success"));
    }

    [Fact]
    public async Task Without_keys_no_token_passes_and_the_next_request_asks_again()
    {
        await using var issuer = new Issuer("none");
        using var running = new RunningServer(Bootstrap(issuer.Port, ", retry_policy: { num_retries: 1, retry_back_off: { base_interval: 0.001s } }"));
        Assert.Equal((HttpStatusCode.Unauthorized, "Jwks remote fetch is failed"), await GetAsync(running, TestTokens.Sign(Token)));
        issuer.Keys = null;
        Assert.Equal((HttpStatusCode.Unauthorized, "Jwks remote fetch is failed"), await GetAsync(running, TestTokens.Sign(Token)));
        Assert.Equal(3, issuer.Requests);
        issuer.Keys = TestTokens.Keys;
        Assert.Equal((HttpStatusCode.OK, "in"), await GetAsync(running, TestTokens.Sign(Token)));
    }

    private static async Task<(HttpStatusCode Status, string Text)> GetAsync(RunningServer running, string token, string? body = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, $"http://{running.Listener()}/");
        request.Headers.TryAddWithoutValidation("authorization", "Bearer " + token);
        request.Content = body is null ? null : new StringContent(body);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static string Bootstrap(int port, string fetch) => $$"""
        admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
        static_resources:
          listeners:
          - name: ingress
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: http
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: ingress
                  route_config: { virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200, body: { inline_string: in } } }] }] }
                  http_filters:
                  - name: envoy.filters.http.jwt_authn
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication
                      providers: { a: { issuer: 'https://a', remote_jwks: { http_uri: { uri: 'https://issuer/keys?v=1', cluster: issuer, timeout: 60s }{{fetch}} } } }
                      rules: [{ match: { prefix: / }, requires: { provider_name: a } }]
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
          clusters:
          - name: issuer
            connect_timeout: 5s
            load_assignment: { cluster_name: issuer, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{port}} } } } }] }] }
        """;

    /// <summary>A server that publishes keys, or answers 503.</summary>
    private sealed class Issuer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;
        private int _requests;

        public Issuer(string? keys)
        {
            Keys = keys;
            _listener.Start();
            _serving = ServeAsync();
        }

        /// <summary>Null: there is no answer but 503.</summary>
        public string? Keys { get; set; }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Requests => Volatile.Read(ref _requests);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
                    Assert.Equal("GET /keys?v=1 HTTP/1.1", await reader.ReadLineAsync());
                    while (await reader.ReadLineAsync() is { Length: > 0 } line)
                        Assert.False(line.StartsWith("host:", StringComparison.Ordinal) && line != "host: issuer", line);
                    Interlocked.Increment(ref _requests);
                    var answer = Keys is { } keys ? $"HTTP/1.1 200 OK\r\ncontent-length: {keys.Length}\r\nconnection: close\r\n\r\n{keys}" : "HTTP/1.1 503 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                    await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
