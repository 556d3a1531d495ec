using System.Net;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.HttpFilters;

/// <summary>Filters in a running connection manager: limits, and routes that switch them on and off.</summary>
public sealed class FilterChainTests
{
    private const string Configuration = """
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - match: { prefix: /off }
                        direct_response: { status: 200 }
                        typed_per_filter_config: { envoy.filters.http.buffer: { "@type": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled: true } }
                      - match: { prefix: /more }
                        direct_response: { status: 200 }
                        typed_per_filter_config: { envoy.filters.http.buffer: { "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, buffer: { max_request_bytes: 2000000 } } }
                      - { match: { prefix: / }, direct_response: { status: 200 } }
                  http_filters:
                  - name: envoy.filters.http.buffer
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 1000 }
                  - name: envoy.filters.http.router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
        """;

    [Theory]
    [InlineData("/", 1000, HttpStatusCode.OK)]
    [InlineData("/", 1001, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("/off", 1001, HttpStatusCode.OK)]
    [InlineData("/more", 1_500_000, HttpStatusCode.OK)]
    public async Task A_body_beyond_the_limit_of_its_route_gets_413(string path, int bytes, HttpStatusCode status)
    {
        using var running = new RunningServer(Configuration);
        using var client = new HttpClient { BaseAddress = new Uri($"http://{running.Listener()}/") };
        for (var i = 0; i < 2; i++)
        {
            // The second request finds a filter that the first one has used.
            using var response = await client.PostAsync(path, new ByteArrayContent(new byte[bytes]));
            Assert.Equal(status, response.StatusCode);
        }
    }
}
