using System.Text;
using Weft.Proxy.Tests.Bootstrap;

namespace Weft.Proxy.Tests.Tracing;

/// <summary>A running proxy that traces into a collector, before an upstream that answers with the headers it was sent.</summary>
internal sealed class TracingProxy : IDisposable
{
    private readonly Echo _echo = new();
    private readonly RunningServer _server;
    private readonly HttpClient _client;

    /// <param name="provider">The tracer's configuration, flow style; <c>collector</c> is the cluster.</param>
    /// <param name="tracing">More fields of <c>tracing</c>, flow style with a comma in front.</param>
    /// <param name="route">More fields of the route, flow style with a comma in front.</param>
    /// <param name="direction">traffic_direction of the listener.</param>
    /// <param name="action">More fields of the route's action, flow style with a comma in front.</param>
    /// <param name="router">More fields of the router, flow style with a comma in front.</param>
    /// <param name="manager">More fields of the connection manager, one line of YAML.</param>
    /// <param name="filters">Filters before the router, flow style with a comma behind each.</param>
    public TracingProxy(Collector? collector, string provider, string tracing = "", string route = "", string direction = "UNSPECIFIED", string manager = "server_name: envoy", string cluster = "", string router = "", string action = "", int? collectorPort = null, string filters = "")
    {
        _server = new RunningServer($$"""
            node: { id: front, cluster: front-proxy, locality: { zone: z1 } }
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
            layered_runtime: { layers: [ { name: static, static_layer: { tracing.zipkin.min_flush_spans: 1, tracing.opentelemetry.min_flush_spans: 1, tracing.datadog.min_flush_spans: 1 } }, { name: admin, admin_layer: {} } ] }
            static_resources:
              clusters:
              - name: echo
                load_assignment: { cluster_name: echo, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{_echo.Port}} } } } } ] } ] }
              - name: collector
                connect_timeout: 1s
                {{cluster}}
                load_assignment: { cluster_name: collector, endpoints: [ { lb_endpoints: [ { endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: {{collectorPort ?? collector?.Port ?? 1}} } } } } ] } ] }
              listeners:
              - name: web
                traffic_direction: {{direction}}
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: web
                      {{manager}}
                      tracing: { provider: { name: tracer, typed_config: {{provider}} }{{tracing}} }
                      http_filters: [ {{filters}} { name: envoy.filters.http.router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router{{router}} } } ]
                      route_config:
                        virtual_hosts:
                        - name: all
                          domains: ["*"]
                          routes:
                          - { match: { path: /direct }, direct_response: { status: 503 } }
                          - { match: { prefix: / }, route: { cluster: echo{{action}} }{{route}} }
            """);
        _client = new HttpClient { BaseAddress = new Uri($"http://{_server.Listener()}/") };
    }

    public Echo Upstream => _echo;

    public HttpClient Admin => _server.Admin!;

    /// <summary>What the upstream was sent, by lower-case name.</summary>
    public async Task<Dictionary<string, string>> GetAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = "www.example.com";
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _client.SendAsync(request);
        var result = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in (await response.Content.ReadAsStringAsync()).Split("\r\n").Skip(1).Where(line => line.Contains(": ", StringComparison.Ordinal)))
            result[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..];
        foreach (var (name, values) in response.Headers)
            result["response " + name] = string.Join(',', values);
        return result;
    }

    public async Task<long> StatAsync(string name)
    {
        var text = await Admin.GetStringAsync($"stats?filter=^{name}$");
        return text.Length == 0 ? -1 : long.Parse(text.Split(": ")[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a statistic is what it has to be: some follow what is seen of it by a moment.</summary>
    public async Task ExpectStatAsync(string name, long value)
    {
        long last = 0;
        for (var tries = 0; (last = await StatAsync(name)) != value; tries++)
        {
            Assert.True(tries < 12_000, $"{name} is {last}, not {value}");
            await Task.Delay(10);
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _echo.Dispose();
    }
}
