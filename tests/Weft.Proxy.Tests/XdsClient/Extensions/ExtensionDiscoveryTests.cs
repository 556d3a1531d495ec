using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weft.Proxy.Tests.XdsClient.Extensions;

/// <summary>Configurations of filters from a file (ECDS).</summary>
public sealed class ExtensionDiscoveryTests : IDisposable
{
    private const string FaultType = "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault";
    private const string DirectType = "type.googleapis.com/envoy.extensions.filters.network.direct_response.v3.Config";
    private const string LimitType = "type.googleapis.com/envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit";

    private readonly DynamicFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task A_filter_follows_its_file_and_a_kept_connection_sees_it_with_its_next_request()
    {
        _files.Write("ecds.yaml", Extension("chaos", Fault(418)));
        await _files.Start(WithHttpFilter($"type_urls: ['{FaultType}']"));
        using var client = new HttpClient();
        Assert.Equal(418, await Get(client));
        await _files.ExpectStat("extension_config_discovery.http_filter.chaos.config_reload", 1);

        _files.Write("ecds.yaml", Extension("chaos", Fault(404)));
        await DynamicFiles.Until(async () => await Get(client) == 404, "the changed filter");
        await _files.ExpectStat("extension_config_discovery.http_filter.chaos.config_reload", 2);
        var dumped = Assert.Single(await _files.Dump("ecds_filters"));
        Assert.Equal("chaos", dumped.GetProperty("ecds_filter").GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("other", FaultType, "max_active_faults: 1")]
    [InlineData("chaos", "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router", "")]
    [InlineData("chaos", "type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb", "")]
    [InlineData("chaos", FaultType, "max_active_faults: 1, abort: { percentage: { numerator: 100 } }")]
    public async Task A_wrong_configuration_is_refused_and_the_one_before_stays(string name, string type, string fields)
    {
        _files.Write("ecds.yaml", Extension("chaos", Fault(418)));
        await _files.Start(WithHttpFilter($"type_urls: ['{FaultType}', 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router']"));
        using var client = new HttpClient();
        _files.Write("ecds.yaml", Extension(name, $"{{ '@type': {type}, {fields} }}"));
        await DynamicFiles.Until(async () => await _files.Stat("extension_config_discovery.http_filter.chaos.config_fail") == 1, "the refusal");
        Assert.Equal(418, await Get(client));
        await _files.ExpectStat("extension_config_discovery.http_filter.chaos.update_rejected", 1);
    }

    [Fact]
    public async Task Without_a_configuration_requests_get_500_and_with_a_default_that()
    {
        _files.Write("ecds.yaml", "resources: []");
        await _files.Start(WithHttpFilter($"type_urls: ['{FaultType}']"));
        using var client = new HttpClient();
        Assert.Equal(500, await Get(client));
        _files.Write("ecds.yaml", Extension("chaos", Fault(418)));
        await DynamicFiles.Until(async () => await Get(client) == 418, "the filter");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_default_is_used_until_there_is_a_configuration(bool isApplied)
    {
        _files.Write("ecds.yaml", "resources: []");
        await _files.Start(WithHttpFilter($"type_urls: ['{FaultType}'], default_config: {Fault(503)}, apply_default_config_without_warming: {(isApplied ? "true" : "false")}"));
        using var client = new HttpClient();
        Assert.Equal(503, await Get(client));
    }

    [Theory]
    [InlineData("type_urls: ['type.googleapis.com/no.such.Filter']", "Error: no factory found for a required type URL type.googleapis.com/no.such.Filter.")]
    [InlineData($"type_urls: ['{FaultType}'], apply_default_config_without_warming: true", "Error: filter config chaos applied without warming but has no default config.")]
    [InlineData($"type_urls: ['{FaultType}'], default_config: {{ '@type': type.googleapis.com/envoy.extensions.filters.http.grpc_web.v3.GrpcWeb }}", "Error: filter config has type URL envoy.extensions.filters.http.grpc_web.v3.GrpcWeb but expect envoy.extensions.filters.http.fault.v3.HTTPFault.")]
    public void What_is_wrong_with_it_is_named(string discovery, string fault)
    {
        _files.Write("ecds.yaml", "resources: []");
        var yaml = WithHttpFilter(discovery).Replace("FOLDER", _files.PathOf(""), StringComparison.Ordinal);
        Assert.Null(Weft.Proxy.Bootstrap.Server.Create(new() { ConfigYaml = yaml }, out var findings));
        Assert.Contains(findings.Errors, found => found.Text == fault);
    }

    [Fact]
    public async Task A_filter_before_an_upstream_is_discovered()
    {
        const string Buffer = "type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer";
        _files.Write("ecds.yaml", "resources: []");
        await _files.Start($$"""
            static_resources:
              listeners:
              - name: web
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters:
                  - name: hcm
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: web
                      route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, route: { cluster: app } }] }] }
                      http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
              clusters:
              - name: app
                load_assignment: { cluster_name: app, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 1 } } } }] }] }
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    explicit_http_config: { http_protocol_options: {} }
                    http_filters:
                    - { name: limit, config_discovery: { config_source: { path_config_source: { path: FOLDER/ecds.yaml } }, type_urls: ['{{Buffer}}'] } }
                    - { name: codec, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec } }
            """);
        using var client = new HttpClient();
        Assert.Equal(500, await Post(client));
        _files.Write("ecds.yaml", Extension("limit", $"{{ '@type': {Buffer}, max_request_bytes: 1 }}"));
        await DynamicFiles.Until(async () => await Post(client) == 413, "the filter");
        await _files.ExpectStat("extension_config_discovery.upstream_http_filter.limit.config_reload", 1);
    }

    [Fact]
    public async Task A_network_filter_is_discovered_and_without_it_connections_are_closed()
    {
        _files.Write("ecds.yaml", "resources: []");
        await _files.Start($$"""
            static_resources:
              listeners:
              - name: web
                stat_prefix: web
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                filter_chains:
                - filters: [{ name: answer, config_discovery: { config_source: { path_config_source: { path: FOLDER/ecds.yaml } }, type_urls: ['{{DirectType}}'] } }]
            """);
        Assert.Equal("", await Read());
        await _files.ExpectStat("listener.web.network_extension_config_missing", 1);
        _files.Write("ecds.yaml", Extension("answer", $"{{ '@type': {DirectType}, response: {{ inline_string: hello }} }}"));
        await DynamicFiles.Until(async () => await Read() == "hello", "the filter");
        await _files.ExpectStat("extension_config_discovery.network_filter.answer.config_reload", 1);
    }

    [Fact]
    public async Task A_listener_filter_is_discovered_and_without_it_connections_are_closed()
    {
        _files.Write("ecds.yaml", "resources: []");
        await _files.Start($$"""
            static_resources:
              listeners:
              - name: web
                stat_prefix: web
                address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
                listener_filters: [{ name: limit, config_discovery: { config_source: { path_config_source: { path: FOLDER/ecds.yaml } }, type_urls: ['{{LimitType}}'] } }]
                filter_chains:
                - filters: [{ name: answer, typed_config: { '@type': {{DirectType}}, response: { inline_string: hello } } }]
            """);
        Assert.Equal("", await Read());
        await _files.ExpectStat("listener.web.extension_config_missing", 1);
        _files.Write("ecds.yaml", Extension("limit", $"{{ '@type': {LimitType}, stat_prefix: l, token_bucket: {{ max_tokens: 1000, fill_interval: 1s }} }}"));
        await DynamicFiles.Until(async () => await Read() == "hello", "the filter");
        await _files.ExpectStat("extension_config_discovery.tcp_listener_filter.limit.config_reload", 1);
    }

    private static string Fault(int status) => $"{{ '@type': {FaultType}, abort: {{ http_status: {status}, percentage: {{ numerator: 100 }} }} }}";

    private static string Extension(string name, string typedConfig) => $"version_info: '1'\nresources: [{{ '@type': type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig, name: {name}, typed_config: {typedConfig} }}]";

    private static string WithHttpFilter(string discovery) => $$"""
        static_resources:
          listeners:
          - name: web
            address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: web
                  route_config: { virtual_hosts: [{ name: all, domains: ['*'], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }
                  http_filters:
                  - name: chaos
                    config_discovery: { config_source: { path_config_source: { path: FOLDER/ecds.yaml } }, {{discovery}} }
                  - { name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }
        """;

    private async Task<int> Get(HttpClient client)
    {
        using var response = await client.GetAsync(new Uri($"http://{_files.Server.Listener()}/"));
        return (int)response.StatusCode;
    }

    private async Task<int> Post(HttpClient client)
    {
        using var response = await client.PostAsync(new Uri($"http://{_files.Server.Listener()}/"), new ByteArrayContent(new byte[5]));
        return (int)response.StatusCode;
    }

    private async Task<string> Read()
    {
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)_files.Server.Listener());
        var buffer = new byte[100];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
